import type { MayShow } from './ledger.ts';

/** Where a key is handed over, once; and where the keys that everybody may try are printed. Nowhere else. */
const PLACES: readonly (readonly [place: RegExp, mayShow: MayShow, onlyIn?: string])[] = [
  [/^stdout of latchkey (?:create|rotate)$/, 'once'],
  [/^answers of function (?:create|rotate)-key$/, 'once'],
  // Below `/api` where the console is served.
  [/^answers to POST (?:\/api)?\/keys$/, 'once'],
  [/^answers to POST (?:\/api)?\/keys\/\{prefix\}\/rotate$/, 'once'],
  [/^answers to POST \/2015-03-31\/functions\/[^/]*(?:create|rotate)-key\/invocations$/, 'once'],
  [/^stdout of node local\/start\.ts$/, 'freely'],
  // A fake deployment that returns a key in every field, to see that the CLI hides it.
  [
    /^answers to POST \/2015-03-31\/functions\/[^/]*\/invocations$/,
    'freely',
    'test/integration/cli/hostile-text.test.ts',
  ],
];

/**
 * How often a place may show a key.
 *
 * @param testFile the test file whose run the place belongs to
 */
export function mayShow(place: string, testFile: string): MayShow {
  const found = PLACES.findLast(([pattern, , onlyIn = testFile]) => onlyIn === testFile && pattern.test(place));
  return found?.[1] ?? 'never';
}

/** Files of the tests that hold keys: what a user has, not what we write. */
export const FILES_WITH_KEYS: readonly RegExp[] = [
  // `--out`: the file that the owner asked for.
  /\/latchkey-cli-\w+\/(?:new|json)\.key$/,
  // The keys that another system has handed to their owners.
  /\/latchkey-drf-\w+\/keys\.json$/,
  // Keys lying about, for `latchkey scan` to find.
  /\/latchkey-scan-\w+\//,
];
