import { hash, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

/**
 * The stored digest of a key: `<algorithm>$<digest>`.
 *
 * SHA-256 is enough. The secret has 256 random bits, so slow password hashing would not make guessing harder. The digest
 * covers the whole key with its label and prefix, so a digest that is copied to another record matches no key.
 *
 * Imported keys keep the digests of their issuers:
 *
 * - `sha256_tail$…`: SHA-256 of the part after the last underscore (prefixed-api-key)
 * - `sha512$$…`: SHA-512 of the whole key (djangorestframework-api-key)
 * - `pbkdf2_sha256$iterations$salt$…`: the password hash of djangorestframework-api-key before 3.0, see {@link isSlowDigest}
 */
export type StoredDigest = string;

/** `unreadable`: the stored digest has none of the known forms. */
export type DigestCheck = 'match' | 'mismatch' | 'unreadable';

/** A parsed digest: the expected bytes, and how to compute them from a key. */
interface ParsedDigest {
  readonly expected: Buffer;
  readonly of: (keyText: string) => Buffer;
}

const SHA256 = /^sha256\$([0-9A-Za-z_-]{43})$/;
const SHA256_TAIL = /^sha256_tail\$([0-9A-Za-z_-]{43})$/;
const SHA512 = /^sha512\$\$([0-9a-f]{128})$/;
const PBKDF2_SHA256 = /^pbkdf2_sha256\$([1-9]\d{0,6})\$([^$]{1,64})\$([0-9A-Za-z+/]{43}=)$/;

/**
 * The default of Django 6.0. A digest with more iterations is unreadable: anyone who knows the public prefix of a key can
 * cause the computation, so its cost must be bounded. See docs/importing.md.
 */
export const MAX_PBKDF2_ITERATIONS = 1_200_000;

/** Compared if there is no record, so that an unknown prefix takes as long as a known one. No key has this digest. */
export const NO_DIGEST: StoredDigest = `sha256$${'A'.repeat(43)}`;

/** Returns the digest to store for a key. */
export function digestOf(keyText: string): StoredDigest {
  return `sha256$${hash('sha256', keyText, 'base64url')}`;
}

/** Returns the digest of the part of a key after the last underscore. */
export function tailDigestOf(keyText: string): StoredDigest {
  return `sha256_tail$${hash('sha256', tailOf(keyText), 'base64url')}`;
}

/** Compares a presented key with a stored digest, in constant time. Never throws. */
export function checkDigest(keyText: string, stored: StoredDigest): DigestCheck {
  const digest = parseDigest(stored);
  if (digest === undefined) return 'unreadable';
  return timingSafeEqual(digest.of(keyText), digest.expected) ? 'match' : 'mismatch';
}

/** Returns whether a digest has a form that {@link checkDigest} can read. */
export function isReadableDigest(stored: StoredDigest): boolean {
  return parseDigest(stored) !== undefined;
}

/**
 * Returns whether checking a digest takes hundreds of milliseconds of CPU. After the first valid use of such a key, the
 * authorizer replaces the digest with a fast one.
 */
export function isSlowDigest(stored: StoredDigest): boolean {
  return stored.startsWith('pbkdf2_sha256$');
}

function parseDigest(stored: StoredDigest): ParsedDigest | undefined {
  const [, sha256] = SHA256.exec(stored) ?? [];
  if (sha256 !== undefined)
    return { expected: Buffer.from(sha256, 'base64url'), of: (text) => hash('sha256', text, 'buffer') };

  const [, sha512] = SHA512.exec(stored) ?? [];
  if (sha512 !== undefined)
    return { expected: Buffer.from(sha512, 'hex'), of: (text) => hash('sha512', text, 'buffer') };

  const [, tail] = SHA256_TAIL.exec(stored) ?? [];
  if (tail !== undefined)
    return { expected: Buffer.from(tail, 'base64url'), of: (text) => hash('sha256', tailOf(text), 'buffer') };

  const [, iterations, salt, pbkdf2] = PBKDF2_SHA256.exec(stored) ?? [];
  if (salt === undefined || pbkdf2 === undefined || Number(iterations) > MAX_PBKDF2_ITERATIONS) return undefined;
  return {
    expected: Buffer.from(pbkdf2, 'base64'),
    of: (text) => pbkdf2Sync(text, salt, Number(iterations), 32, 'sha256'),
  };
}

function tailOf(keyText: string): string {
  return keyText.slice(keyText.lastIndexOf('_') + 1);
}
