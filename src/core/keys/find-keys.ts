import {
  AFTER_LABEL,
  CHECKSUM_LENGTH,
  isLabel,
  MAX_LABEL_LENGTH,
  parseKey,
  PREFIX_LENGTH,
  SECRET_LENGTH,
  type UnverifiedKey,
} from './key.ts';

/** The maximum length of a key, in characters. */
export const MAX_KEY_LENGTH = MAX_LABEL_LENGTH + PREFIX_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH + 2;

/** A key that was found in a text. */
export interface FoundKey {
  readonly key: UnverifiedKey;
  /** Where the key starts, in UTF-16 code units. */
  readonly index: number;
}

const TAIL = new RegExp(AFTER_LABEL, 'g');

/**
 * Finds the keys in a text by the published pattern (`keyPattern()`) and their checksum. Text that only looks like a key is
 * not found.
 *
 * Any text can precede or follow a key directly. The checksum covers the label, so it also determines where the label
 * starts: in `"\nlk_live_…"`, as JSON writes it, the label is `lk_live` and not `nlk_live`. The time is proportional to
 * the length of the text: a match of the pattern has at most 24 possible labels, and two matches never overlap.
 *
 * @param labels finds only keys with one of these labels. @default any label
 * @returns the keys, in the order of the text
 * @example
 * findKeys('APIKEY_lk_live_Zt1…_9fK…_old'); // [{ key: { label: 'lk_live', prefix: 'Zt1…', … }, index: 7 }]
 */
export function findKeys(text: string, labels?: readonly string[]): FoundKey[] {
  return [...text.matchAll(TAIL)].flatMap(({ 0: tail, index: end }) => {
    for (let start = Math.max(0, end - MAX_LABEL_LENGTH); start < end; start++) {
      const label = text.slice(start, end);
      if (!isLabel(label) || labels?.includes(label) === false) continue;
      const key = parseKey(label + tail, label);
      if (key !== undefined) return [{ key, index: start }];
    }
    return [];
  });
}
