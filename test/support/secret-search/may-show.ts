import type { MayShow } from './ledger.ts';

/** Where a key is handed over, once; and where the keys that everybody may try are printed. Nowhere else. */
const PLACES: readonly (readonly [place: RegExp, mayShow: MayShow])[] = [
  [/^stdout of latchkey (?:create|rotate)$/, 'once'],
  [/^answers of function (?:create|rotate)-key$/, 'once'],
  // Below `/api` where the console is served.
  [/^answers to POST (?:\/api)?\/keys$/, 'once'],
  [/^answers to POST (?:\/api)?\/keys\/\{prefix\}\/rotate$/, 'once'],
  [/^answers to POST \/2015-03-31\/functions\/[^/]*(?:create|rotate)-key\/invocations$/, 'once'],
  [/^stdout of node local\/start\.ts$/, 'freely'],
];

/** How often a place may show a key. */
export function mayShow(place: string): MayShow {
  return PLACES.find(([pattern]) => pattern.test(place))?.[1] ?? 'never';
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
