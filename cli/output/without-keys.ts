import { findKeys } from '../../src/core/keys/find-keys.ts';

/**
 * Returns a text in which every key is cut after its prefix, because names, file names and errors can repeat a key. The time is
 * proportional to the length of the text.
 *
 * @param shown a key that stays as it is
 */
export function withoutKeys(text: string, shown?: string | null): string {
  let result = '';
  let end = 0;
  for (const { key, index } of findKeys(text)) {
    if (key.text === shown) continue;
    result += `${text.slice(end, Math.max(end, index))}${key.label}_${key.prefix}_…`;
    end = index + key.text.length;
  }
  return result + text.slice(end);
}

/** A word as a shell has it. */
const WORD = /[^\s'"]+/g;

/** Options and other words are shorter, or have only lower-case letters. */
const SHORTEST_KEY = 16;
const UNLIKE_WORDS = /[0-9A-Z]/;

/** Returns a text without anything that could be a key, also of other issuers, whose keys have no public prefix. */
export function withoutWhatCouldBeKeys(text: string): string {
  return text.replaceAll(WORD, (word) => {
    if (word.length < SHORTEST_KEY || !UNLIKE_WORDS.test(word)) return word;
    const cut = withoutKeys(word);
    return cut === word ? '…' : cut;
  });
}
