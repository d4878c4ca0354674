import { crc32 } from 'node:zlib';
import { encodeBase62, randomBase62, type RandomBytes } from './base62.ts';
import { isPrefix } from './key-id.ts';

/** 12 base62 characters are 71 bits: the probability of a collision among 100 million keys is about one in a million. */
export const PREFIX_LENGTH = 12;
/** 43 base62 characters are 256.03 bits. */
export const SECRET_LENGTH = 43;
/** A CRC-32 in base62 needs at most 6 characters. */
export const CHECKSUM_LENGTH = 6;

export const MAX_LABEL_LENGTH = 24;

/**
 * The source of a regular expression for any label, for {@link keyPattern}. The repetition is bounded, so a scanner that
 * backtracks needs time in proportion to the text. {@link isLabel} also counts the underscores toward the length.
 */
export const ANY_LABEL = `[a-z](?:_?[a-z0-9]){0,${String(MAX_LABEL_LENGTH - 1)}}`;
const LABEL = new RegExp(`^${ANY_LABEL}$`);

/** The source of a regular expression for what follows the label of every key. */
export const AFTER_LABEL = `_[0-9A-Za-z]{${String(PREFIX_LENGTH)}}_[0-9A-Za-z]{${String(SECRET_LENGTH + CHECKSUM_LENGTH)}}`;

/** What {@link isLabel} accepts, for error messages. */
export const LABEL_ACCEPTS =
  'lower-case letters and digits in groups joined by single underscores, starting with a letter, at most 24 characters, such as "lk_live"';

/**
 * A parsed key with a valid form and checksum. It is not trusted until {@link decide} has verified it.
 */
export interface UnverifiedKey {
  readonly label: string;
  /** The public part: the record's partition key, and the key's id in logs. */
  readonly prefix: string;
  /** The whole key. It is secret: never log it. */
  readonly text: string;
}

/** Returns whether a text is a valid label. */
export function isLabel(label: string): boolean {
  return label.length <= MAX_LABEL_LENGTH && LABEL.test(label);
}

/**
 * Creates a key: `<label>_<prefix>_<secret><checksum>`.
 *
 * A double click selects the whole key, and secret scanners find it by one regular expression. The checksum follows GitHub's
 * token format (CRC-32 in base62, six characters at the end). It covers everything before it, so that a typing error in the
 * label or the prefix is found as well.
 *
 * https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 *
 * @param options.prefix the public prefix. @default random
 * @throws {RangeError} if the label is invalid ({@link isLabel})
 * @example
 * newKey({ label: 'lk_live', randomBytes });
 * // { label: 'lk_live', prefix: 'Zt1…', text: 'lk_live_Zt1…_9fK…' }
 */
export function newKey(options: { label: string; randomBytes: RandomBytes; prefix?: string }): UnverifiedKey {
  const { label, randomBytes, prefix = randomBase62(PREFIX_LENGTH, randomBytes) } = options;
  if (!isLabel(label)) throw new RangeError(`"${label}" is not a valid label; accepted: ${LABEL_ACCEPTS}`);
  const body = `${label}_${prefix}_${randomBase62(SECRET_LENGTH, randomBytes)}`;
  return { label, prefix, text: body + checksum(body) };
}

/**
 * Parses a key, or returns `undefined` for a text with another label, a wrong length, characters outside base62 or a wrong
 * checksum. Does no I/O, so malformed keys cost no read.
 */
export function parseKey(text: string, label: string): UnverifiedKey | undefined {
  const prefixStart = label.length + 1;
  const secretStart = prefixStart + PREFIX_LENGTH + 1;
  const bodyEnd = secretStart + SECRET_LENGTH;
  if (text.length !== bodyEnd + CHECKSUM_LENGTH || !text.startsWith(`${label}_`)) return undefined;
  if (text.charAt(secretStart - 1) !== '_') return undefined;

  const prefix = text.slice(prefixStart, secretStart - 1);
  if (!isPrefix(prefix) || !/^[0-9A-Za-z]+$/.test(text.slice(secretStart))) return undefined;
  if (checksum(text.slice(0, bodyEnd)) !== text.slice(bodyEnd)) return undefined;
  return { label, prefix, text };
}

/**
 * Returns the source of the regular expression that finds keys in text, for secret scanners. {@link findKeys} uses the same
 * one and checks the checksum as well.
 *
 * It has no word boundaries. In a file, a key often follows a letter or an underscore (`\n` or `%3D` before it, `APIKEY_`) or
 * precedes one (`_old`). The length of a key is fixed, so its end needs no boundary. It uses only literals,
 * character classes and bounded repetition, which JavaScript, PCRE, RE2, Hyperscan and Python read alike.
 *
 * @param label the keys' label, or {@link ANY_LABEL}
 * @example
 * new RegExp(keyPattern('lk_live')).exec('APIKEY_lk_live_Zt1…_9fK…_old')?.[0]; // 'lk_live_Zt1…_9fK…'
 */
export function keyPattern(label: string): string {
  return label + AFTER_LABEL;
}

function checksum(body: string): string {
  return encodeBase62(crc32(body), CHECKSUM_LENGTH);
}
