/** Whether the tier of the long searches runs: see `vitest.config.ts`. */
const IS_FULL = process.env['LATCHKEY_SEARCH'] === 'full';

/** Returns the size of a search: the first in `npm test`, and the second in `npm run test:full`. */
export function searchSize<Size>(short: Size, full: Size): Size {
  return IS_FULL ? full : short;
}
