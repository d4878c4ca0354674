const PREFIX = /^[0-9A-Za-z]{12}$/;
const DRF_ID = /^drf\.[0-9A-Za-z]{8}$/;
const HASH_ID = /^hash\.[0-9A-Za-z_-]{22}$/;

/** Returns whether a text has the form of the public prefix of a Latchkey key. */
export function isPrefix(prefix: string): boolean {
  return PREFIX.test(prefix);
}

/** Returns whether a text has the form of the id of a djangorestframework-api-key key. */
export function isDrfId(id: string): boolean {
  return DRF_ID.test(id);
}

/** Returns whether a text has the form of a key's id: the prefix of a Latchkey key, or the id of an imported key. */
export function isKeyId(text: string): boolean {
  return isPrefix(text) || isDrfId(text) || HASH_ID.test(text);
}
