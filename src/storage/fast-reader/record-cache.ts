import type { StoredDigest } from '../../core/keys/digest.ts';
import { isSuspended, type OwnerRecord } from '../../core/keys/owner.ts';
import { statusOf, type EpochMs } from '../../core/keys/record.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { KeyReader, OwnerReader, ReadOptions, StoredKey } from '../key-store.ts';
import { ownerItemKey } from '../table.ts';

/** Under 10 MB: a record has at most 4 KB, and twice that as objects. */
const MAX_RECORDS = 1000;

interface Entry<Value> {
  readonly value: Value;
  readonly readAt: EpochMs;
}

/** In the order of the reads: the first entry is the oldest. */
type Entries<Value> = BoundedMap<string, Entry<Value>>;

/**
 * Caches the records of active keys for some seconds, in the memory of the environment. During this time, the environment
 * still allows a key that was revoked or lost scopes, or whose owner was suspended. Inactive keys are not cached. The secret
 * and the expiry are checked on each use.
 */
export class RecordCache implements KeyReader, OwnerReader {
  readonly #keys: KeyReader & OwnerReader;
  readonly #maxAgeMs: number;
  readonly #now: () => EpochMs;
  readonly #records: Entries<StoredKey | undefined> = new BoundedMap(MAX_RECORDS);
  readonly #owners: Entries<OwnerRecord | undefined> = new BoundedMap(MAX_RECORDS);

  /** @param options.now @default Date.now */
  constructor(keys: KeyReader & OwnerReader, options: { seconds: number; now?: () => EpochMs }) {
    this.#keys = keys;
    this.#maxAgeMs = options.seconds * 1000;
    this.#now = options.now ?? Date.now;
  }

  get(prefix: string, options?: ReadOptions): Promise<StoredKey | undefined> {
    const read = () => this.#keys.get(prefix, options);
    const usable = (record: StoredKey | undefined, now: EpochMs) => !!record && statusOf(record, now) === 'active';
    return this.#cached(this.#records, prefix, options, read, usable);
  }

  getOwner(label: string, ownerId: string, options?: ReadOptions): Promise<OwnerRecord | undefined> {
    const read = () => this.#keys.getOwner(label, ownerId, options);
    return this.#cached(this.#owners, ownerItemKey(label, ownerId), options, read, (owner) => !isSuspended(owner));
  }

  /** @param isCacheable whether a value that was read may be cached */
  async #cached<Value>(
    entries: Entries<Value>,
    key: string,
    options: ReadOptions = {},
    read: () => Promise<Value>,
    isCacheable: (value: Value, now: EpochMs) => boolean,
  ): Promise<Value> {
    const now = this.#now();
    const entry = entries.get(key);
    // If the clock was set back, the age is negative and unknown.
    const age = entry === undefined ? Infinity : now - entry.readAt;
    if (entry !== undefined && options.consistent !== true && age >= 0 && age < this.#maxAgeMs) return entry.value;

    const value = await read();
    entries.delete(key);
    // The age counts from before the read.
    if (isCacheable(value, now)) entries.set(key, { value, readAt: now });
    return value;
  }

  async touch(prefix: string, now: EpochMs, intervalMs: number): Promise<void> {
    // Before the write, because every use until it completes would write as well.
    this.#change(prefix, { lastUsedAt: now });
    await this.#keys.touch(prefix, now, intervalMs);
  }

  async replaceDigest(prefix: string, from: StoredDigest, to: StoredDigest): Promise<void> {
    // Before the write, because every use until it completes would check the slow digest.
    if (this.#records.get(prefix)?.value?.digest === from) this.#change(prefix, { digest: to });
    await this.#keys.replaceDigest(prefix, from, to);
  }

  #change(prefix: string, change: Partial<StoredKey>): void {
    const entry = this.#records.get(prefix);
    if (entry?.value !== undefined) this.#records.set(prefix, { ...entry, value: { ...entry.value, ...change } });
  }
}
