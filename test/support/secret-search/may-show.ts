import type { MayShow } from './ledger.ts';

/** The only places that may show keys: where a new key is returned once, and where demo keys are printed. */
const PLACES: readonly (readonly [place: RegExp, mayShow: MayShow, onlyIn?: string])[] = [
  // `new` is an alias of `create`.
  [/^stdout of latchkey (?:create|new|rotate)$/, 'once'],
  // `create` prompts in a pseudo-terminal.
  [/^stdout of \/usr\/bin\/script$/, 'once', 'test/integration/cli/prompt.test.ts'],
  [/^answers of function (?:create|rotate)-key$/, 'once'],
  // The console is served with its API under `/api`.
  [/^answers to POST (?:\/api)?\/keys$/, 'once'],
  [/^answers to POST (?:\/api)?\/keys\/\{prefix\}\/rotate$/, 'once'],
  [/^answers to POST \/2015-03-31\/functions\/[^/]*(?:create|rotate)-key\/invocations$/, 'once'],
  [/^stdout of node local\/start\.ts$/, 'freely'],
  // The proxy before Secrets Manager, which returns what the secret holds.
  [/^answers to POST \/secretsmanager\/$/, 'freely', 'test/system/key-secret/key-secret.test.ts'],
  [/^answers to POST \/secretsmanager\/?$/, 'freely', 'test/integration/cli/stack.test.ts'],
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
 * @param testFile the test file that the place belongs to
 */
export function mayShow(place: string, testFile: string): MayShow {
  const found = PLACES.findLast(([pattern, , onlyIn = testFile]) => onlyIn === testFile && pattern.test(place));
  return found?.[1] ?? 'never';
}

/** Files of the tests that contain keys on purpose. */
export const FILES_WITH_KEYS: readonly RegExp[] = [
  // The file of `--out`.
  /\/latchkey-cli-\w+\/(?:new|json)\.key$/,
  // The keys of another system.
  /\/latchkey-drf-\w+\/keys\.json$/,
  // Keys for `latchkey scan` to find.
  /\/latchkey-scan-\w+\//,
];
