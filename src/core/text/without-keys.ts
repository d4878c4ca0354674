import { findKeys } from '../keys/find-keys.ts';

/**
 * Cuts every key in a text after its prefix, because names, file names and errors can repeat a key. Takes time proportional to
 * the length of the text.
 *
 * @param shown a key that is not cut
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

/** A word as a shell splits them. */
const WORD = /[^\s'"]+/g;

/** Option names and other words are shorter, or have only lower-case letters. */
const SHORTEST_KEY = 16;
const UNLIKE_WORDS = /[0-9A-Z]/;

/** Hides everything that could be a key, including keys of other issuers, which have no public prefix. */
export function withoutPossibleKeys(text: string): string {
  return text.replaceAll(WORD, (word) => {
    if (word.length < SHORTEST_KEY || !UNLIKE_WORDS.test(word)) return word;
    const cut = withoutKeys(word);
    return cut === word ? '…' : cut;
  });
}
