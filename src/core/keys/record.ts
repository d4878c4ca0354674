import type { StoredDigest } from './digest.ts';
import type { ImportedFormat } from './imported-key.ts';
import { limitsFault, type Limits } from '../limits/limits.ts';
import type { Restrictions } from '../restrictions/restrictions.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** What a field of metadata may hold. */
export type MetadataValue = string | number | boolean;

/** A team's own small facts about a key; bounded by {@link LIMITS}. */
export type Metadata = Readonly<Record<string, MetadataValue>>;

/** What is known of one key. The secret is not: only its digest. */
export interface KeyRecord {
  /** The key's public id: the prefix in its text, or the id that an imported key was given. */
  readonly prefix: string;
  /** The kind of key, the first part of its text. */
  readonly label: string;
  readonly digest: StoredDigest;
  readonly name: string;
  readonly ownerId?: string | undefined;
  /** What the key may do: see `scope.ts`. Empty: decided by the authorizer's `unscopedKeys`. */
  readonly scopes: readonly string[];
  readonly metadata: Metadata;
  /** The named plan whose limits hold where the key has none of its own. */
  readonly plan?: string | undefined;
  /** The key's own limits: see `limits.ts`. */
  readonly limits?: Limits | undefined;
  /** Where and whence it may be used: see `restrictions.ts`, which also checks what the table has. */
  readonly restrictions?: Restrictions | undefined;
  readonly createdAt: EpochMs;
  /** Before this time it is not let in. */
  readonly notBefore?: EpochMs | undefined;
  readonly expiresAt?: EpochMs | undefined;
  readonly revokedAt?: EpochMs | undefined;
  readonly revokedReason?: string | undefined;
  /** The key that a rotation made in this one's place. */
  readonly replacedBy?: string | undefined;
  /** The key that this one was made to replace. */
  readonly rotatedFrom?: string | undefined;
  /**
   * The key whose counters this one's requests are counted on: the first of a chain of rotations, so that
   * a rotation brings no new allowance. None: its own.
   */
  readonly countsAs?: string | undefined;
  /**
   * How the key is identified to API Gateway's usage plans: see `usage-identifier.ts`. `undefined` in the records of
   * releases before version 2. Never changes, and a rotation copies it, because API Gateway cannot change a value.
   */
  readonly usageId?: 2 | undefined;
  /** Accurate to the authorizer's `lastUsedInterval`. */
  readonly lastUsedAt?: EpochMs | undefined;
  /** Whose key it was before it was moved in. */
  readonly importedFrom?: ImportedFormat | undefined;
  /** Counts the administrative changes, from 1: an update can insist on the version it has seen. */
  readonly version: number;
}

export const KEY_STATUSES = ['active', 'expired', 'revoked'] as const;
/** Whether a key can be used and, if not, how it has ended. One that has not begun is `active`, and not let in. */
export type KeyStatus = (typeof KEY_STATUSES)[number];

/** A key's state at `now`. Expiry is decided here, at read time; the table's TTL only cleans up. */
export function statusOf(record: Pick<KeyRecord, 'expiresAt' | 'revokedAt'>, now: EpochMs): KeyStatus {
  if (record.revokedAt !== undefined) return 'revoked';
  // Not `<=`: compared with a time that is none it would be false, and the key in.
  if (record.expiresAt !== undefined && !(record.expiresAt > now)) return 'expired';
  return 'active';
}

/**
 * Bounds on what a record holds. Together they keep it under 4 KB, so that one decision is one read of
 * half a read unit: a test builds the largest record there can be and weighs it.
 */
export const LIMITS = {
  nameCharacters: 100,
  ownerIdCharacters: 128,
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
 * Whether a record read from the table has the types that its fields promise. Somebody can edit an item by
 * hand; an `expiresAt` that is a text would compare with no time, and the key would never end.
 */
export function isWellFormed(record: KeyRecord): boolean {
  const fields: { readonly [Field in keyof KeyRecord]: unknown } = record;
  const optionalTimes = [fields.expiresAt, fields.revokedAt, fields.notBefore];
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
