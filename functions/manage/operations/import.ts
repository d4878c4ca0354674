import { setTimeout as delay } from 'node:timers/promises';
import { isSlowDigest } from '../../domain/digest.ts';
import { originFault } from '../../domain/imported-key.ts';
import type { StoredKey } from '../../store/key-store.ts';
import { checkInput, inputs } from '../input.ts';
import { InvalidInputError } from '../errors.ts';
import { portableKey } from '../portable-key.ts';
import type { Operation, OperationContext } from './operation.ts';

/**
 * How many writes are under way at a time. DynamoDB takes about a thousand a second, because every key of a label
 * lies in one partition of each index; more at a time would only be throttled.
 */
const WRITES_AT_A_TIME = 16;
/** Pauses before a write that was throttled beyond what the SDK tries is tried again: a batch is worth waiting for. */
const RETRY_PAUSES_MS = [200, 800, 3000];
/** As many as the store reads in one request. */
const READS_AT_A_TIME = 100;

/**
 * What became of one record of a batch.
 *
 * - `imported`: it has been stored; on a dry run: it would be
 * - `present`: it was stored before, and stays as it is by now
 * - `refused`: it cannot be carried, and why
 */
export type ImportOutcome =
  | { readonly outcome: 'imported' | 'present'; readonly prefix: string }
  | { readonly outcome: 'refused'; readonly prefix: string | null; readonly reason: string };

/** What became of a batch of keys. */
export interface ImportAnswer {
  /** In the order of the records. */
  readonly outcomes: readonly ImportOutcome[];
}

/**
 * Stores keys that were issued elsewhere, each whole or not at all, and none over another. Done again, after an
 * interruption or by mistake, it finds what it has stored before and leaves it alone: a key that was revoked
 * here meanwhile stays revoked.
 */
export const importKeys: Operation<ImportAnswer> = async (context, input) => {
  const { records, dryRun } = checkInput(inputs.import(), input);
  const candidates = records.map((record) => candidateOf(record, context));
  const outcomes = dryRun ? await foresee(candidates, context) : await store(candidates, context);
  return { outcomes };
};

type Candidate = StoredKey | Extract<ImportOutcome, { outcome: 'refused' }>;

function candidateOf(input: unknown, { settings }: OperationContext): Candidate {
  const prefix = prefixOf(input);
  try {
    const portable = checkInput(portableKey(settings), input);
    const record = { ...portable, label: portable.label ?? settings.label };
    const fault = originFault(record, settings);
    return fault === undefined ? record : refused(prefix, fault);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return refused(prefix, error.message);
  }
}

async function foresee(candidates: readonly Candidate[], { keys }: OperationContext): Promise<ImportOutcome[]> {
  const existing = new Map<string, StoredKey>();
  const prefixes = [...new Set(candidates.flatMap((one) => ('outcome' in one ? [] : [one.prefix])))];
  for (let start = 0; start < prefixes.length; start += READS_AT_A_TIME) {
    for (const record of await keys.getAll(prefixes.slice(start, start + READS_AT_A_TIME)))
      existing.set(record.prefix, record);
  }
  return candidates.map((candidate) => {
    if ('outcome' in candidate) return candidate;
    const found = existing.get(candidate.prefix);
    return found === undefined ? { outcome: 'imported', prefix: candidate.prefix } : beside(found, candidate);
  });
}

async function store(candidates: readonly Candidate[], { keys }: OperationContext): Promise<ImportOutcome[]> {
  const outcomes: ImportOutcome[] = [];
  const remaining = candidates.entries();
  const writer = async () => {
    for (const [index, candidate] of remaining) outcomes[index] = await storeOne(candidate);
  };
  // They share one iterator, so each takes the next record that nobody has taken.
  await Promise.all(Array.from({ length: WRITES_AT_A_TIME }, writer));
  return outcomes;

  async function storeOne(candidate: Candidate): Promise<ImportOutcome> {
    if ('outcome' in candidate) return candidate;
    const created = await persistently(() => keys.create(candidate));
    return created.outcome === 'stored'
      ? { outcome: 'imported', prefix: candidate.prefix }
      : beside(created.record, candidate);
  }
}

async function persistently<Answer>(write: () => Promise<Answer>): Promise<Answer> {
  for (const pause of RETRY_PAUSES_MS) {
    try {
      return await write();
    } catch {
      await delay(pause);
    }
  }
  return write();
}

/** A record stands where another is to go: is it the same, from an earlier run? */
function beside(found: StoredKey, candidate: StoredKey): ImportOutcome {
  const { prefix, label, digest, createdAt } = candidate;
  // A slow digest has been replaced if the key was used since; when it was made stays.
  const sameKey = found.digest === digest || (isSlowDigest(digest) && found.createdAt === createdAt);
  return found.label === label && sameKey
    ? { outcome: 'present', prefix }
    : refused(prefix, 'another key has this id already');
}

function refused(prefix: string | null, reason: string) {
  return { outcome: 'refused', prefix, reason } as const;
}

function prefixOf(input: unknown): string | null {
  const prefix: unknown = typeof input === 'object' && input !== null && 'prefix' in input ? input.prefix : null;
  return typeof prefix === 'string' ? prefix : null;
}
