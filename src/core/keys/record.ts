import type { StoredDigest } from './digest.ts';
import type { ImportedFormat } from './imported-key.ts';
import type { DefinitionsOf, FieldName, FieldsWith, KEY_FIELDS } from './key-fields.ts';
import { limitsFault, type Limits } from '../limits/limits.ts';
import type { Restrictions } from '../restrictions/restrictions.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** The type of a metadata field. */
export type MetadataValue = string | number | boolean;

/** Custom metadata about a key. {@link RECORD_SIZE_LIMITS} limits its size. */
export type Metadata = Readonly<Record<string, MetadataValue>>;

/** The types of the fields' values. */
export interface FieldValues {
  id: string;
  text: string;
  time: EpochMs;
  count: number;
  scopes: readonly string[];
  metadata: Metadata;
  limits: Limits;
  restrictions: Restrictions;
  digest: StoredDigest;
  issuer: ImportedFormat;
  usageIdVersion: 2;
}

/** The value of a field of a key's record. */
export type FieldValue<Name extends FieldName> = FieldValues[(typeof KEY_FIELDS)[Name]['type']];

/** The fields that have a value in every record. */
type RequiredField = FieldsWith<{ readonly required: true }>;

/** The record of a key, without the attributes that only the store uses. {@link KEY_FIELDS} describes the fields. */
export interface KeyRecord extends RequiredFields, OptionalFields {}

type RequiredFields = { readonly [Name in keyof DefinitionsOf<RequiredField>]: FieldValue<Name> };
type OptionalFields = {
  readonly [Name in keyof DefinitionsOf<Exclude<FieldName, RequiredField>>]?: FieldValue<Name> | undefined;
};

/** How long the old key keeps working after a rotation in the CLI and in the console, unless the user chooses otherwise. */
export const DEFAULT_ROTATION_OVERLAP = '24h';

export const KEY_STATUSES = ['active', 'disabled', 'expired', 'revoked'] as const;
/** Whether a key can be used, or why not. A key before its `notBefore` time is `active`, but rejected. */
export type KeyStatus = (typeof KEY_STATUSES)[number];

/** A key's state at `now`. Expiry is decided here, at read time; the table's TTL only cleans up. */
export function statusOf(record: Pick<KeyRecord, 'expiresAt' | 'revokedAt' | 'disabledAt'>, now: EpochMs): KeyStatus {
  if (record.revokedAt !== undefined) return 'revoked';
  // Not `<=`: a comparison with an invalid time is false, and the key would then be allowed.
  if (record.expiresAt !== undefined && !(record.expiresAt > now)) return 'expired';
  // A value of any type counts: an item that was edited by hand must not enable a key.
  return record.disabledAt === undefined ? 'active' : 'disabled';
}

/**
 * The size limits of a record, besides those of texts in {@link KEY_FIELDS}. Together they keep it under 4 KB, so that an eventually consistent read costs half a read
 * unit. A test stores the largest possible record and checks its size.
 */
export const RECORD_SIZE_LIMITS = {
  /** Length of the metadata as JSON, in bytes. */
  metadataBytes: 1024,
  metadataFields: 32,
  /** Length of all scopes joined, in bytes. */
  scopesBytes: 1280,
  reasonCharacters: 200,
  suspendedByCharacters: 128,
  /** Length of the restrictions as JSON, in bytes. */
  restrictionsBytes: 192,
} as const;

/**
 * Returns whether the fields of a record have the right types. An item can be edited by hand, and a key whose `expiresAt` is a
 * string would never expire, because comparisons with it are false.
 */
export function isWellFormed(record: KeyRecord): boolean {
  const fields: { readonly [Field in keyof KeyRecord]: unknown } = record;
  const optionalTimes = [fields.expiresAt, fields.disabledAt, fields.revokedAt, fields.notBefore];
  return (
    typeof fields.digest === 'string' &&
    typeof fields.name === 'string' &&
    Array.isArray(fields.scopes) &&
    fields.scopes.every((scope) => typeof scope === 'string') &&
    typeof fields.metadata === 'object' &&
    fields.metadata !== null &&
    [fields.plan, fields.countsAs].every((text) => text === undefined || typeof text === 'string') &&
    (fields.usageId === undefined || fields.usageId === 2) &&
    (fields.limits === undefined || limitsFault(fields.limits) === undefined) &&
    optionalTimes.every((time) => time === undefined || Number.isFinite(time))
  );
}
