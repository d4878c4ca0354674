import type { StoredDigest } from '../../domain/digest.ts';
import { isSuspended, type OwnerRecord } from '../../domain/owner.ts';
import { statusOf, type EpochMs } from '../../domain/record.ts';
import type { KeyReader, OwnerReader, ReadOptions, StoredKey } from '../key-store.ts';
import { ownerItemKey } from '../table.ts';

/** At 4 KB each and twice that as objects, under 10 MB. */
const MAX_RECORDS = 1000;

interface Entry {
  readonly record: StoredKey;
  readonly readAt: EpochMs;
}

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
  /** In the order in which they were read: the first is the oldest. */
  readonly #entries = new Map<string, Entry>();
  /** When owners were found not to be suspended, in that order. */
  readonly #owners = new Map<string, { readonly owner: OwnerRecord | undefined; readonly readAt: EpochMs }>();

  /** @param options.now @default Date.now */
  constructor(keys: KeyReader & OwnerReader, options: { seconds: number; now?: () => EpochMs }) {
    this.#keys = keys;
    this.#maxAgeMs = options.seconds * 1000;
    this.#now = options.now ?? Date.now;
  }

  async get(prefix: string, options: ReadOptions = {}): Promise<StoredKey | undefined> {
    const now = this.#now();
    const entry = this.#entries.get(prefix);
    if (entry !== undefined && this.#isFresh(entry, now, options)) return entry.record;

    const record = await this.#keys.get(prefix, options);
    this.#entries.delete(prefix);
    // Its age counts from before it was read.
    if (record !== undefined && statusOf(record, now) === 'active')
      keep(this.#entries, prefix, { record, readAt: now });
    return record;
  }

  async getOwner(label: string, ownerId: string, options: ReadOptions = {}): Promise<OwnerRecord | undefined> {
    const now = this.#now();
    const key = ownerItemKey(label, ownerId);
    const entry = this.#owners.get(key);
    if (entry !== undefined && this.#isFresh(entry, now, options)) return entry.owner;

    const owner = await this.#keys.getOwner(label, ownerId, options);
    this.#owners.delete(key);
    if (!isSuspended(owner)) keep(this.#owners, key, { owner, readAt: now });
    return owner;
  }

  #isFresh({ readAt }: { readonly readAt: EpochMs }, now: EpochMs, { consistent }: ReadOptions): boolean {
    const age = now - readAt;
    // The clock may also have been set back: then nobody knows how old it is.
    return consistent !== true && age >= 0 && age < this.#maxAgeMs;
  }

  async touch(prefix: string, now: EpochMs, intervalMs: number): Promise<void> {
    const entry = this.#entries.get(prefix);
    // At once, or every use until the write is through would be written too.
    if (entry !== undefined) this.#entries.set(prefix, { ...entry, record: { ...entry.record, lastUsedAt: now } });
    await this.#keys.touch(prefix, now, intervalMs);
  }

  async replaceDigest(prefix: string, from: StoredDigest, to: StoredDigest): Promise<void> {
    const entry = this.#entries.get(prefix);
    // At once, or every use until the write is through would check the slow one.
    if (entry?.record.digest === from) this.#entries.set(prefix, { ...entry, record: { ...entry.record, digest: to } });
    await this.#keys.replaceDigest(prefix, from, to);
  }
}

function keep<Kept>(entries: Map<string, Kept>, key: string, entry: Kept): void {
  entries.set(key, entry);
  const [oldest] = entries.keys();
  if (entries.size > MAX_RECORDS && oldest !== undefined) entries.delete(oldest);
}
