import {
  isLabel,
  MAX_LABEL_LENGTH,
  parseKey,
  PREFIX_LENGTH,
  SECRET_LENGTH,
  CHECKSUM_LENGTH,
  type UnverifiedKey,
} from './key.ts';

/** The longest key there can be, in characters. */
export const MAX_KEY_LENGTH = MAX_LABEL_LENGTH + PREFIX_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH + 2;

/** A key in a text, and where it begins. */
export interface FoundKey {
  readonly key: UnverifiedKey;
  readonly index: number;
}

/** What follows the label of every key, whatever the label. */
const AFTER_LABEL = new RegExp(
  `_[0-9A-Za-z]{${String(PREFIX_LENGTH)}}_[0-9A-Za-z]{${String(SECRET_LENGTH + CHECKSUM_LENGTH)}}(?![0-9A-Za-z])`,
  'g',
);

/**
 * Finds keys in any text, by their form and their checksum: a text that only looks like a key is none.
 *
 * The checksum covers the label, so it also tells where that begins: in `"\nlk_live_…"`, as JSON has it, the
 * label is not `nlk_live`.
 *
 * @param labels only keys with one of these @default any label
 */
export function findKeys(text: string, labels?: readonly string[]): FoundKey[] {
  return [...text.matchAll(AFTER_LABEL)].flatMap(({ 0: tail, index: end }) => {
    for (let start = Math.max(0, end - MAX_LABEL_LENGTH); start < end; start++) {
      const label = text.slice(start, end);
      if (!isLabel(label) || labels?.includes(label) === false) continue;
      const key = parseKey(label + tail, label);
      if (key !== undefined) return [{ key, index: start }];
    }
    return [];
  });
}
