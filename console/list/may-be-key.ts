import { isKeyId } from '../../src/core/keys/key-id.ts';

/**
 * A pasted key is a secret and must not become part of a URL. Keys of other issuers have any form, so a text with a word that
 * is as long as their keys is never sent. Names rarely have longer words. Owner IDs do.
 */
export const LONGEST_WORD = { name: 19, ownerId: 39 } as const;

/** Returns whether a text that was entered in a search field may be a key. */
export function mayBeKey(text: string, field: keyof typeof LONGEST_WORD): boolean {
  return text.split(/\s+/).some((word) => word.length > LONGEST_WORD[field]);
}

/** A prefix, or a complete key of this deployment. */
const PREFIX = /^(?:[\w-]+_)?(?<prefix>[0-9A-Za-z]{12})(?:_[0-9A-Za-z]{20,})?$/;
const COMPLETE_KEY = /_[0-9A-Za-z]{12}_[0-9A-Za-z]{20,}/;

export function containsKey(text: string): boolean {
  return COMPLETE_KEY.test(text);
}

/** Returns the prefix of a key, or the ID of an imported key, or `undefined`. */
export function prefixIn(text: string): string | undefined {
  const typed = text.trim();
  return isKeyId(typed) ? typed : PREFIX.exec(typed)?.groups?.['prefix'];
}
