import { hash } from 'node:crypto';
import { digestOf, isReadableDigest, isSlowDigest, tailDigestOf, type StoredDigest } from './digest.ts';
import { isDrfId, isPrefix } from './key-id.ts';
import { parseKey, type UnverifiedKey } from './key.ts';

/**
 * The formats of keys that can be imported and keep working. A key is read as the first format, in this order, that the
 * deployment accepts and the key matches.
 *
 * - `drf`: djangorestframework-api-key, `PREFIX.SECRET`
 * - `prefixed-api-key`: `<anything>_<short>_<long>`, whose long part is hashed
 * - `better-auth`: 64 letters, after an optional prefix
 * - `unkey`: base58, after an optional prefix
 * - `api-gateway`: API Gateway's own keys, 20 to 128 characters
 * - `sha256`: any other 16 to 256 printable ASCII characters without spaces, found by the SHA-256 of the whole key
 */
export const IMPORTED_FORMATS = ['drf', 'prefixed-api-key', 'better-auth', 'unkey', 'api-gateway', 'sha256'] as const;
/** A format of imported keys. */
export type ImportedFormat = (typeof IMPORTED_FORMATS)[number];

/** As narrow as each issuer allows: these keys have no checksum, so every text that matches costs a read. */
const FORMS: Record<ImportedFormat, RegExp> = {
  drf: /^[0-9A-Za-z]{8}\.[0-9A-Za-z]{32}$/,
  'prefixed-api-key': /^[0-9A-Za-z_-]{1,64}_[0-9A-Za-z]{4,16}_[0-9A-Za-z]{16,48}$/,
  'better-auth': /^[\x21-\x7e]{0,64}[A-Za-z]{64}$/,
  unkey: /^(?:[0-9A-Za-z_-]{1,64}_)?[1-9A-HJ-NP-Za-km-z]{20,64}$/,
  'api-gateway': /^[\x21-\x7e]{20,128}$/,
  sha256: /^[\x21-\x7e]{16,256}$/,
};

/**
 * Parses a Latchkey key, or an imported key if the deployment accepts its format. Does no I/O.
 *
 * @param formats the accepted formats of imported keys
 * @returns the key with the prefix of the only record that it can belong to, or `undefined` if it is not a key
 */
export function readKey(text: string, label: string, formats: readonly ImportedFormat[]): UnverifiedKey | undefined {
  const own = parseKey(text, label);
  if (own !== undefined || formats.length === 0) return own;
  const format = formatOf(text, formats);
  return format && { label, prefix: importedId(text, format), text };
}

/** Returns the format that a text is read as, or `undefined`. */
export function formatOf(
  text: string,
  formats: readonly ImportedFormat[] = IMPORTED_FORMATS,
): ImportedFormat | undefined {
  return IMPORTED_FORMATS.find((format) => formats.includes(format) && FORMS[format].test(text));
}

/**
 * Returns the id of an imported key without a public part: a hash of its digest. It can be computed from a presented key,
 * so the record is found by one read. The id appears in logs and lists, and the digest can't be computed from it.
 */
export function idOfDigest(digest: StoredDigest): string {
  return `hash.${hash('sha256', digest, 'base64url').slice(0, 22)}`;
}

/** Returns the id of a key of djangorestframework-api-key, which has a public prefix. */
export function drfId(prefix: string): string {
  return `drf.${prefix}`;
}

/** The fields of a record that say where its key comes from. */
export interface Origin {
  readonly prefix: string;
  readonly label: string;
  readonly digest: StoredDigest;
  readonly importedFrom?: ImportedFormat | undefined;
}

/**
 * Returns why no key could match this record in a deployment, or `undefined` if one can.
 *
 * @param deployment.importedFormats the formats of imported keys that the deployment accepts
 */
export function originFault(
  { prefix, label, digest, importedFrom }: Origin,
  deployment: { readonly label: string; readonly importedFormats: readonly ImportedFormat[] },
): string | undefined {
  if (label !== deployment.label)
    return `its label is ${label}, but the keys of this deployment have the label ${deployment.label}`;
  if (!isReadableDigest(digest)) return 'its digest has an unknown form';
  if (importedFrom === undefined) {
    if (!isPrefix(prefix)) return 'its prefix is not that of a Latchkey key, and importedFrom is missing';
    return digest.startsWith('sha256$') ? undefined : 'its digest is not that of a Latchkey key';
  }
  if (!deployment.importedFormats.includes(importedFrom))
    return `this deployment does not accept ${importedFrom} keys; deploy it with importedFormats: ['${importedFrom}']`;
  return prefix === expectedId(prefix, digest, importedFrom)
    ? undefined
    : `its prefix and digest are not those of a ${importedFrom} key`;
}

function importedId(text: string, format: ImportedFormat): string {
  if (format === 'drf') return drfId(text.slice(0, 8));
  return idOfDigest(format === 'prefixed-api-key' ? tailDigestOf(text) : digestOf(text));
}

/** Returns the id that a digest of this format must have. For `drf` it is any id of the form, because it is not derived from the digest. */
function expectedId(prefix: string, digest: StoredDigest, format: ImportedFormat): string | undefined {
  if (format === 'drf') {
    const known = digest.startsWith('sha512$') || digest.startsWith('sha256$') || isSlowDigest(digest);
    return known && isDrfId(prefix) ? prefix : undefined;
  }
  const algorithm = format === 'prefixed-api-key' ? 'sha256_tail$' : 'sha256$';
  return digest.startsWith(algorithm) ? idOfDigest(digest) : undefined;
}
