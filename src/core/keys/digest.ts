import { hash, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

/**
 * What is stored of a key: `<algorithm>$<digest>`, so that a record says how to check it.
 *
 * A plain SHA-256 is enough, and slow password hashing would buy nothing: the secret is 256 random bits,
 * so there is no dictionary to run through. It covers the whole key, label and prefix included, so a digest
 * moved to another record matches nothing.
 *
 * Keys that other systems have issued keep the digests that those made of them:
 *
 * - `sha256_tail$…`: SHA-256 of what follows the last underscore (prefixed-api-key)
 * - `sha512$$…`: SHA-512 of the whole key, as djangorestframework-api-key writes it
 * - `pbkdf2_sha256$iterations$salt$…`: the password hash of its versions before 3.0, see {@link isSlowDigest}
 */
export type StoredDigest = string;

/** `unreadable`: the stored digest is not in a form we know. The key is denied and the fault reported. */
export type DigestCheck = 'match' | 'mismatch' | 'unreadable';

/** What a digest in one of the known forms expects, and how to compute it of a key. */
interface ReadDigest {
  readonly expected: Buffer;
  readonly of: (keyText: string) => Buffer;
}

const SHA256 = /^sha256\$([0-9A-Za-z_-]{43})$/;
const SHA256_TAIL = /^sha256_tail\$([0-9A-Za-z_-]{43})$/;
const SHA512 = /^sha512\$\$([0-9a-f]{128})$/;
const PBKDF2_SHA256 = /^pbkdf2_sha256\$([1-9]\d{0,6})\$([^$]{1,64})\$([0-9A-Za-z+/]{43}=)$/;

/**
 * Django 6.0's default; a digest with more is unreadable. Whoever knows a key's public prefix can make us
 * compute its digest, so what one guess costs must have a bound. See docs/importing.md.
 */
export const MAX_PBKDF2_ITERATIONS = 1_200_000;

/** Compared with when there is no record, so that an unknown prefix costs what a known one does. No key hashes to it. */
export const NO_DIGEST: StoredDigest = `sha256$${'A'.repeat(43)}`;

/** The digest to store for a key. */
export function digestOf(keyText: string): StoredDigest {
  return `sha256$${hash('sha256', keyText, 'base64url')}`;
}

/** The digest of a key of which only what follows the last underscore is hashed. */
export function tailDigestOf(keyText: string): StoredDigest {
  return `sha256_tail$${hash('sha256', tailOf(keyText), 'base64url')}`;
}

/** Compares a presented key with a stored digest, in constant time. Never throws. */
export function checkDigest(keyText: string, stored: StoredDigest): DigestCheck {
  const digest = readDigest(stored);
  if (digest === undefined) return 'unreadable';
  return timingSafeEqual(digest.of(keyText), digest.expected) ? 'match' : 'mismatch';
}

/** Whether a digest is in a form that {@link checkDigest} knows. */
export function isReadableDigest(stored: StoredDigest): boolean {
  return readDigest(stored) !== undefined;
}

/**
 * Whether checking a digest takes hundreds of milliseconds of CPU. The first valid use of such a key shows its
 * text, and with it the quick digest to store instead.
 */
export function isSlowDigest(stored: StoredDigest): boolean {
  return stored.startsWith('pbkdf2_sha256$');
}

function readDigest(stored: StoredDigest): ReadDigest | undefined {
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
