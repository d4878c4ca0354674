import { findKeys } from '../../functions/domain/find-keys.ts';

/** What may be a key of any format: long, and not made of words, as options are. */
const COULD_BE_KEY = /(?=[^\s'"]*[0-9A-Z])[^\s'"]{16,}/g;

/** A text in which keys are cut after their prefix: an error may repeat what was typed. */
export function withoutKeys(text: string): string {
  return findKeys(text).reduce((rest, { key }) => rest.replaceAll(key.text, `${key.label}_${key.prefix}_…`), text);
}

/** A text without anything that could be a key, also of other issuers, whose keys show no prefix. */
export function withoutWhatCouldBeKeys(text: string): string {
  return text.replaceAll(COULD_BE_KEY, (word) => {
    const cut = withoutKeys(word);
    return cut === word ? '…' : cut;
  });
}
