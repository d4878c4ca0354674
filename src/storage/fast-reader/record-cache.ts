import type { StoredDigest } from '../../core/keys/digest.ts';
import { isSuspended, type OwnerRecord } from '../../core/keys/owner.ts';
import { statusOf, type EpochMs } from '../../core/keys/record.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { KeyReader, OwnerReader, ReadOptions, StoredKey } from '../key-store.ts';
import { ownerItemKey } from '../table.ts';

/** At 4 KB each and twice that as objects, under 10 MB. */
const MAX_RECORDS = 1000;

interface Entry<Value> {
  readonly value: Value;
  readonly readAt: EpochMs;
}

/** In the order in which they were read: the first is the oldest. */
type Entries<Value> = BoundedMap<string, Entry<Value>>;

/**
 * Keeps records of keys that can be used, for some seconds, in the environment's memory. For as long a revoked
 * key, one with fewer scopes than before, or one whose owner was suspended, is still let in by this environment; a
 * refusal is never remembered.
 * The secret is compared and the expiry decided on each use, by whoever asks.
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
    return this.#remembered(this.#records, prefix, options, read, usable);
  }

  getOwner(label: string, ownerId: string, options?: ReadOptions): Promise<OwnerRecord | undefined> {
    const read = () => this.#keys.getOwner(label, ownerId, options);
    return this.#remembered(this.#owners, ownerItemKey(label, ownerId), options, read, (owner) => !isSuspended(owner));
  }

  /** @param opens whether what was read opens anything: only that is kept */
  async #remembered<Value>(
    entries: Entries<Value>,
    key: string,
    options: ReadOptions = {},
    read: () => Promise<Value>,
    opens: (value: Value, now: EpochMs) => boolean,
  ): Promise<Value> {
    const now = this.#now();
    const entry = entries.get(key);
    // The clock may also have been set back: then nobody knows how old it is.
    const age = entry === undefined ? Infinity : now - entry.readAt;
    if (entry !== undefined && options.consistent !== true && age >= 0 && age < this.#maxAgeMs) return entry.value;

    const value = await read();
    entries.delete(key);
    // Its age counts from before it was read.
    if (opens(value, now)) entries.set(key, { value, readAt: now });
    return value;
  }

  async touch(prefix: string, now: EpochMs, intervalMs: number): Promise<void> {
    // At once, or every use until the write is through would be written too.
    this.#change(prefix, { lastUsedAt: now });
    await this.#keys.touch(prefix, now, intervalMs);
  }

  async replaceDigest(prefix: string, from: StoredDigest, to: StoredDigest): Promise<void> {
    // At once, or every use until the write is through would check the slow one.
    if (this.#records.get(prefix)?.value?.digest === from) this.#change(prefix, { digest: to });
    await this.#keys.replaceDigest(prefix, from, to);
  }

  #change(prefix: string, change: Partial<StoredKey>): void {
    const entry = this.#records.get(prefix);
    if (entry?.value !== undefined) this.#records.set(prefix, { ...entry, value: { ...entry.value, ...change } });
  }
}
