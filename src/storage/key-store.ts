import type { StoredDigest } from '../core/keys/digest.ts';
import type { FieldsWith } from '../core/keys/key-fields.ts';
import type { OwnerRecord } from '../core/keys/owner.ts';
import type { EpochMs, FieldValue, KeyRecord, KeyStatus } from '../core/keys/record.ts';

/** A record as it is stored. */
export interface StoredKey extends KeyRecord {
  /** Hashes of the idempotency token and the input that created the key, if the caller gave a token. */
  readonly idempotency?: Idempotency | undefined;
}

export interface Idempotency {
  readonly token: string;
  readonly request: string;
}

type RemovableField = FieldsWith<{ readonly removable: true }>;

/** What an update changes. `null` removes a value, and `undefined` keeps it. */
export type KeyChanges = {
  readonly [Name in FieldsWith<{ readonly updatable: true }>]?:
    FieldValue<Name> | (Name extends RemovableField ? null : never) | undefined;
} & {
  /** The key that replaces this one. It is set together with `expiresAt`. */
  readonly replacedBy?: string | undefined;
};

/** The keys to list: newest first, or in order of name if `namePrefix` is given without an owner. */
export interface ListQuery {
  readonly label: string;
  readonly ownerId?: string | undefined;
  readonly namePrefix?: string | undefined;
  readonly status?: KeyStatus | undefined;
  /** The most records of the page. */
  readonly limit: number;
  /** The cursor of the previous page of the same query. */
  readonly cursor?: string | undefined;
}

/** A page can be shorter than the limit and still have a cursor, because a filter reads a limited number of entries. */
export interface KeyPage {
  readonly records: readonly StoredKey[];
  readonly cursor?: string | undefined;
}

export type CreateOutcome =
  | { readonly outcome: 'stored'; readonly record: KeyRecord }
  | { readonly outcome: 'prefix_taken'; readonly record: StoredKey };

/** `never_valid`: with the new time, the key would expire before it becomes valid. */
export type UpdateOutcome =
  | { readonly outcome: 'updated'; readonly record: KeyRecord }
  | { readonly outcome: 'not_found' }
  | { readonly outcome: 'revoked' | 'replaced' | 'version_conflict' | 'never_valid'; readonly record: KeyRecord };

/** `changed`: the old record has changed since it was read, or another transaction is changing it. */
export type RotateOutcome = CreateOutcome | { readonly outcome: 'changed' };

export type RevokeOutcome =
  { readonly outcome: 'revoked' | 'already_revoked'; readonly record: KeyRecord } | { readonly outcome: 'not_found' };

export type DisableOutcome =
  | { readonly outcome: 'disabled' | 'already_disabled' | 'revoked'; readonly record: KeyRecord }
  | { readonly outcome: 'not_found' };

/** `already_enabled`: the key was not disabled. */
export type EnableOutcome =
  | { readonly outcome: 'enabled' | 'already_enabled' | 'revoked'; readonly record: KeyRecord }
  | { readonly outcome: 'not_found' };

/** The details of a key's disabling. */
export interface Disabling {
  readonly at: EpochMs;
  readonly by: string | undefined;
  readonly reason: string | undefined;
}

export interface SuspendOutcome {
  readonly outcome: 'suspended' | 'already_suspended';
  readonly owner: OwnerRecord;
}

export type ResumeOutcome =
  { readonly outcome: 'resumed'; readonly owner: OwnerRecord } | { readonly outcome: 'not_suspended' };

/** The owner to suspend or resume, who does it, and when. */
export interface OwnerChange {
  readonly label: string;
  readonly ownerId: string;
  readonly by: string | undefined;
  readonly at: EpochMs;
}

export interface ReadOptions {
  readonly consistent?: boolean;
  readonly timeoutMs?: number;
}

/** The part of the store that the authorizer uses. */
export interface KeyReader {
  /**
   * Returns a key's record, or `undefined` for an unknown prefix. The read is eventually consistent unless `consistent` is set;
   * it then costs half a read unit for up to 4 KB.
   *
   * @param options.timeoutMs rejects after this time, even if attempts are left
   */
  get(prefix: string, options?: ReadOptions): Promise<StoredKey | undefined>;
  /** Records a use, unless one was recorded less than `intervalMs` ago. */
  touch(prefix: string, now: EpochMs, intervalMs: number): Promise<void>;
  /** Replaces a slow digest of a key with a fast one, if the stored one is still `from`. Does not change the version. */
  replaceDigest(prefix: string, from: StoredDigest, to: StoredDigest): Promise<void>;
}

/** The second read of a decision, for deployments in which owners can be suspended. */
export interface OwnerReader {
  /** Returns an owner's record, or `undefined` if it was never suspended. Reads like {@link KeyReader.get}. */
  getOwner(label: string, ownerId: string, options?: ReadOptions): Promise<OwnerRecord | undefined>;
}

/**
 * The store of the keys. Every write is one conditional request that succeeds completely or not at all. A condition that
 * fails is an outcome; an exception is an outage.
 */
export interface KeyStore extends KeyReader, OwnerReader {
  /** Stores a new record. */
  create(record: StoredKey): Promise<CreateOutcome>;
  /** @throws {InvalidCursorError} if the cursor is not of this query */
  list(query: ListQuery, now: EpochMs): Promise<KeyPage>;
  /** Returns those of the keys that exist, in the given order, with strongly consistent reads. At most 100. */
  getAll(prefixes: readonly string[]): Promise<readonly StoredKey[]>;
  /** @param ifVersion changes the key only if it still has this version */
  update(prefix: string, changes: KeyChanges, ifVersion?: number): Promise<UpdateOutcome>;
  /** Stores the successor and sets the old key's expiry to `endsAt`: both, or neither if `old` has changed since it was read. */
  rotate(old: KeyRecord, successor: StoredKey, endsAt: EpochMs): Promise<RotateOutcome>;
  /** Revokes a key permanently, and removes that it was disabled. A second revocation changes nothing. */
  revoke(prefix: string, reason: string | undefined, now: EpochMs): Promise<RevokeOutcome>;
  /** Disables a key until it is enabled. A second call changes nothing. */
  disable(prefix: string, disabling: Disabling): Promise<DisableOutcome>;
  /** Enables a disabled key. */
  enable(prefix: string): Promise<EnableOutcome>;
  /** Suspends an owner, who need not have keys. A second suspension changes nothing. */
  suspendOwner(change: OwnerChange, reason: string | undefined): Promise<SuspendOutcome>;
  /** Ends a suspension. The owner's record is kept for the retention period. */
  resumeOwner(change: OwnerChange): Promise<ResumeOutcome>;
}
