import { hash } from 'node:crypto';
import { digestOf, isReadableDigest, isSlowDigest, tailDigestOf, type StoredDigest } from './digest.ts';
import { isDrfId, isPrefix } from './key-id.ts';
import { parseKey, type UnverifiedKey } from './key.ts';

/**
 * Whose keys can be moved in and go on working as they are. A key is read as the first of these, in this order,
 * that a deployment takes and whose form it has.
 *
 * - `drf`: djangorestframework-api-key, `PREFIX.SECRET`
 * - `prefixed-api-key`: `<anything>_<short>_<long>`, of which the long part is hashed
 * - `better-auth`: 64 letters, after a prefix of the team's own
 * - `unkey`: base58, after a prefix of the team's own
 * - `api-gateway`: API Gateway's own keys, 20 to 128 characters
 * - `sha256`: any other text of 16 to 256 printable characters, found by the SHA-256 of the whole
 */
export const IMPORTED_FORMATS = ['drf', 'prefixed-api-key', 'better-auth', 'unkey', 'api-gateway', 'sha256'] as const;
export type ImportedFormat = (typeof IMPORTED_FORMATS)[number];

/** None has a checksum, so a form that is too wide lets garbage cost a read: each is as narrow as its issuer allows. */
const FORMS: Record<ImportedFormat, RegExp> = {
  drf: /^[0-9A-Za-z]{8}\.[0-9A-Za-z]{32}$/,
  'prefixed-api-key': /^[0-9A-Za-z_-]{1,64}_[0-9A-Za-z]{4,16}_[0-9A-Za-z]{16,48}$/,
  'better-auth': /^[\x21-\x7e]{0,64}[A-Za-z]{64}$/,
  unkey: /^(?:[0-9A-Za-z_-]{1,64}_)?[1-9A-HJ-NP-Za-km-z]{20,64}$/,
  'api-gateway': /^[\x21-\x7e]{20,128}$/,
  sha256: /^[\x21-\x7e]{16,256}$/,
};

/**
 * Reads a key of ours or, where a deployment takes them, of another issuer; `undefined` for anything that is
 * neither. Costs no I/O, and names the one record that can know the key.
 *
 * @param formats the issuers whose keys are taken
 */
export function readKey(text: string, label: string, formats: readonly ImportedFormat[]): UnverifiedKey | undefined {
  const own = parseKey(text, label);
  if (own !== undefined || formats.length === 0) return own;
  const format = formatOf(text, formats);
  return format && { label, prefix: importedId(text, format), text };
}

/** The format that a text is read as. */
export function formatOf(
  text: string,
  formats: readonly ImportedFormat[] = IMPORTED_FORMATS,
): ImportedFormat | undefined {
  return IMPORTED_FORMATS.find((format) => formats.includes(format) && FORMS[format].test(text));
}

/**
 * The id that the digest of an imported key gives it, for keys that have no public part of their own. It
 * follows from the digest, which follows from the key: so a presented key is found by one read. One way: the
 * id, which logs and lists show, does not tell the digest.
 */
export function idOfDigest(digest: StoredDigest): string {
  return `hash.${hash('sha256', digest, 'base64url').slice(0, 22)}`;
}

/** The id of a key of djangorestframework-api-key, which has a public prefix. */
export function drfId(prefix: string): string {
  return `drf.${prefix}`;
}

/** What a record says of its key's origin. */
export interface Origin {
  readonly prefix: string;
  readonly label: string;
  readonly digest: StoredDigest;
  readonly importedFrom?: ImportedFormat | undefined;
}

/**
 * Why no presented key could ever open this record in a deployment; `undefined` if one can.
 *
 * @param formats the issuers whose keys the deployment takes
 */
export function originFault(
  { prefix, label, digest, importedFrom }: Origin,
  deployment: { readonly label: string; readonly importedFormats: readonly ImportedFormat[] },
): string | undefined {
  if (label !== deployment.label)
    return `its label is ${label}, and the keys of this deployment have the label ${deployment.label}`;
  if (!isReadableDigest(digest)) return 'its digest is in no form that can be checked';
  if (importedFrom === undefined) {
    if (!isPrefix(prefix))
      return 'its prefix is not that of a key of ours, and it does not say where it was imported from';
    return digest.startsWith('sha256$') ? undefined : 'its digest is not that of a key of ours';
  }
  if (!deployment.importedFormats.includes(importedFrom))
    return `this deployment does not take ${importedFrom} keys; deploy it with importedFormats: ['${importedFrom}']`;
  return prefix === expectedId(prefix, digest, importedFrom)
    ? undefined
    : `its prefix and digest are not those of a ${importedFrom} key`;
}

function importedId(text: string, format: ImportedFormat): string {
  if (format === 'drf') return drfId(text.slice(0, 8));
  return idOfDigest(format === 'prefixed-api-key' ? tailDigestOf(text) : digestOf(text));
}

/** The id that a digest of this format must stand under; for `drf` any of its form, as the id is not in the digest. */
function expectedId(prefix: string, digest: StoredDigest, format: ImportedFormat): string | undefined {
  if (format === 'drf') {
    const known = digest.startsWith('sha512$') || digest.startsWith('sha256$') || isSlowDigest(digest);
    return known && isDrfId(prefix) ? prefix : undefined;
  }
  const algorithm = format === 'prefixed-api-key' ? 'sha256_tail$' : 'sha256$';
  return digest.startsWith(algorithm) ? idOfDigest(digest) : undefined;
}
