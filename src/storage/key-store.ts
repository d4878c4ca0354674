import type { StoredDigest } from '../core/keys/digest.ts';
import type { FieldsWith } from '../core/keys/key-fields.ts';
import type { OwnerRecord } from '../core/keys/owner.ts';
import type { EpochMs, FieldValue, KeyRecord, KeyStatus } from '../core/keys/record.ts';

/** A record as it is kept, with the bookkeeping that no caller sees. */
export interface StoredKey extends KeyRecord {
  /** Set when the caller gave an idempotency token: what token, and what it asked for, both hashed. */
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
};

/** Which keys, newest first; by name when `namePrefix` is given without an owner. */
export interface ListQuery {
  readonly label: string;
  readonly ownerId?: string | undefined;
  readonly namePrefix?: string | undefined;
  readonly status?: KeyStatus | undefined;
  /** How many records at most. */
  readonly limit: number;
  /** From an earlier page of the same query. */
  readonly cursor?: string | undefined;
}

/** A page may be shorter than the limit and still have a cursor: a filter reads a bounded number of entries per page. */
export interface KeyPage {
  readonly records: readonly StoredKey[];
  readonly cursor?: string | undefined;
}

export type CreateOutcome =
  | { readonly outcome: 'stored'; readonly record: KeyRecord }
  | { readonly outcome: 'prefix_taken'; readonly record: StoredKey };

/** `never_valid`: the time that was given does not go with the other one that the record has; nobody would be let in. */
export type UpdateOutcome =
  | { readonly outcome: 'updated'; readonly record: KeyRecord }
  | { readonly outcome: 'not_found' }
  | { readonly outcome: 'revoked' | 'replaced' | 'version_conflict' | 'never_valid'; readonly record: KeyRecord };

/** `changed`: somebody wrote the old record, or is writing it, since it was read. */
export type RotateOutcome = CreateOutcome | { readonly outcome: 'changed' };

export type RevokeOutcome =
  { readonly outcome: 'revoked' | 'already_revoked'; readonly record: KeyRecord } | { readonly outcome: 'not_found' };

export interface SuspendOutcome {
  readonly outcome: 'suspended' | 'already_suspended';
  readonly owner: OwnerRecord;
}

export type ResumeOutcome =
  { readonly outcome: 'resumed'; readonly owner: OwnerRecord } | { readonly outcome: 'not_suspended' };

/** Who is to be suspended or not any more, and what is noted of that. */
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

/** What a decision needs of the store: one read, and at times a note that the key was used. */
export interface KeyReader {
  /**
   * Eventually consistent unless `consistent`: an authorizer's read, half a unit up to 4 KB.
   *
   * @param options.timeoutMs past this time it rejects, however often it could still try
   */
  get(prefix: string, options?: ReadOptions): Promise<StoredKey | undefined>;
  /** Notes a use, unless one has been noted less than `intervalMs` ago. */
  touch(prefix: string, now: EpochMs, intervalMs: number): Promise<void>;
  /** Stores a quicker digest of the same key, unless the stored one is no longer `from`. No administrative change. */
  replaceDigest(prefix: string, from: StoredDigest, to: StoredDigest): Promise<void>;
}

/** What a decision needs more where owners can be suspended: a second read. */
export interface OwnerReader {
  /** An owner, if it has ever been suspended. Reads as {@link KeyReader.get} does. */
  getOwner(label: string, ownerId: string, options?: ReadOptions): Promise<OwnerRecord | undefined>;
}

/**
 * Where keys are kept. Every write is one conditional request: it happens whole or not at all, whoever else
 * is writing. A condition that does not hold is an outcome; exceptions are for outages.
 */
export interface KeyStore extends KeyReader, OwnerReader {
  create(record: StoredKey): Promise<CreateOutcome>;
  list(query: ListQuery, now: EpochMs): Promise<KeyPage>;
  /** All of these that there are, as they are at this moment, in this order; at most 100. */
  getAll(prefixes: readonly string[]): Promise<readonly StoredKey[]>;
  /** @param ifVersion change it only if nobody has since the caller saw this version */
  update(prefix: string, changes: KeyChanges, ifVersion?: number): Promise<UpdateOutcome>;
  /** Stores the successor and ends the old key at `endsAt`: both or, if `old` is no longer as it was read, neither. */
  rotate(old: KeyRecord, successor: StoredKey, endsAt: EpochMs): Promise<RotateOutcome>;
  /** Final; a second revocation changes nothing. */
  revoke(prefix: string, reason: string | undefined, now: EpochMs): Promise<RevokeOutcome>;
  /** Suspends an owner, whether it has keys or not; a second suspension changes nothing. */
  suspendOwner(change: OwnerChange, reason: string | undefined): Promise<SuspendOutcome>;
  /** Lifts a suspension. What is known of it stays for the retention. */
  resumeOwner(change: OwnerChange): Promise<ResumeOutcome>;
}
