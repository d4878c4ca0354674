import { hash, timingSafeEqual } from 'node:crypto';

/**
 * What is stored of a key: `<algorithm>$<digest>`, so that a record says how to check it.
 *
 * A plain SHA-256 is enough, and slow password hashing would buy nothing: the secret is 256 random bits,
 * so there is no dictionary to run through. It covers the whole key, label and prefix included, so a digest
 * moved to another record matches nothing.
 */
export type StoredDigest = string;

/** `unreadable`: the stored digest is not in a form we know. The key is denied and the fault reported. */
export type DigestCheck = 'match' | 'mismatch' | 'unreadable';

const SHA256 = /^sha256\$([0-9A-Za-z_-]{43})$/;

/** Compared with when there is no record, so that an unknown prefix costs what a known one does. No key hashes to it. */
export const NO_DIGEST: StoredDigest = `sha256$${'A'.repeat(43)}`;

/** The digest to store for a key. */
export function digestOf(keyText: string): StoredDigest {
  return `sha256$${hash('sha256', keyText, 'base64url')}`;
}

/** Compares a presented key with a stored digest, in constant time. Never throws. */
export function checkDigest(keyText: string, stored: StoredDigest): DigestCheck {
  const expected = SHA256.exec(stored)?.[1];
  if (expected === undefined) return 'unreadable';
  const actual = hash('sha256', keyText, 'buffer');
  return timingSafeEqual(actual, Buffer.from(expected, 'base64url')) ? 'match' : 'mismatch';
}
