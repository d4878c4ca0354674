const PREFIX = /^[0-9A-Za-z]{12}$/;
const DRF_ID = /^drf\.[0-9A-Za-z]{8}$/;
const HASH_ID = /^hash\.[0-9A-Za-z_-]{22}$/;

/** Whether `prefix` has the form of the public prefix of a key of ours. */
export function isPrefix(prefix: string): boolean {
  return PREFIX.test(prefix);
}

/** Whether `id` has the form of the id of a key of djangorestframework-api-key. */
export function isDrfId(id: string): boolean {
  return DRF_ID.test(id);
}

/** Whether a text has the form of a key's id: the prefix of a key of ours, or the id of an imported one. */
export function isKeyId(text: string): boolean {
  return isPrefix(text) || isDrfId(text) || HASH_ID.test(text);
}
