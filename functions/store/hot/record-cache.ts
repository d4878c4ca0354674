import type { StoredDigest } from '../../domain/digest.ts';
import { statusOf, type EpochMs } from '../../domain/record.ts';
import type { KeyReader, ReadOptions, StoredKey } from '../key-store.ts';

/** At 4 KB each and twice that as objects, under 10 MB. */
const MAX_RECORDS = 1000;

interface Entry {
  readonly record: StoredKey;
  readonly readAt: EpochMs;
}

/**
 * Keeps records of keys that can be used, for some seconds, in the environment's memory. For as long a revoked
 * key, or one with fewer scopes than before, is still let in by this environment; a refusal is never remembered.
 * The secret is compared and the expiry decided on each use, by whoever asks.
 */
export class RecordCache implements KeyReader {
  readonly #keys: KeyReader;
  readonly #maxAgeMs: number;
  readonly #now: () => EpochMs;
  /** In the order in which they were read: the first is the oldest. */
  readonly #entries = new Map<string, Entry>();

  /** @param options.now @default Date.now */
  constructor(keys: KeyReader, options: { seconds: number; now?: () => EpochMs }) {
    this.#keys = keys;
    this.#maxAgeMs = options.seconds * 1000;
    this.#now = options.now ?? Date.now;
  }

  async get(prefix: string, options: ReadOptions = {}): Promise<StoredKey | undefined> {
    const now = this.#now();
    const entry = this.#entries.get(prefix);
    // The clock may also have been set back: then nobody knows how old it is.
    const age = entry === undefined ? Infinity : now - entry.readAt;
    if (entry !== undefined && options.consistent !== true && age >= 0 && age < this.#maxAgeMs) return entry.record;

    const record = await this.#keys.get(prefix, options);
    this.#entries.delete(prefix);
    // Its age counts from before it was read.
    if (record !== undefined && statusOf(record, now) === 'active') this.#keep(prefix, { record, readAt: now });
    return record;
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

  #keep(prefix: string, entry: Entry): void {
    this.#entries.set(prefix, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_RECORDS && oldest !== undefined) this.#entries.delete(oldest);
  }
}
