import { setTimeout as delay } from 'node:timers/promises';
import { isSlowDigest } from '../../core/keys/digest.ts';
import { IMPORTED_FORMATS, originFault } from '../../core/keys/imported-key.ts';
import type { EpochMs, Metadata } from '../../core/keys/record.ts';
import { USAGE_IDENTIFIER_VERSION } from '../../core/limits/usage-identifier.ts';
import type { ManagementSettings } from '../../gateway/settings.ts';
import { ttlOf } from '../../storage/item.ts';
import type { StoredKey } from '../../storage/key-store.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { keyFields } from '../key-rules.ts';
import { InvalidInputError } from '../errors.ts';
import { portableKey } from '../portable-key.ts';
import { brokenRules, unusableReason } from '../restore-rules.ts';
import type { Operation, OperationContext } from './operation.ts';

/**
 * The maximum number of concurrent writes. All keys of a label are in one partition of each index, which accepts about
 * 1000 writes per second. DynamoDB would throttle more of them.
 */
const WRITES_AT_A_TIME = 16;
/** Pauses before further attempts at a write for which the SDK has used up its retries. */
const RETRY_PAUSES_MS = [200, 800, 3000];
/** The maximum number of keys that the store reads in one request. */
const READS_AT_A_TIME = 100;
/**
 * DynamoDB ignores a TTL that is more than five years in the past. It can take days to remove an item, so this leaves a
 * month for that.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
 */
const OLDEST_TTL_MS = (5 * 365 - 30) * 24 * 3_600_000;

/**
 * The result for one record of a batch.
 *
 * - `imported`: stored or, on a dry run, to be stored. `warning`: why a new key like this one would be rejected, or why the
 *   key does not work in this deployment
 * - `present`: already stored, and left unchanged
 * - `refused`: not stored, with the reason. `unusable`: the record is valid, but this deployment would reject every
 *   request with the key; `includeUnusable` imports it
 */
export type ImportOutcome =
  | { readonly outcome: 'imported'; readonly prefix: string; readonly warning?: string }
  | { readonly outcome: 'present'; readonly prefix: string }
  | { readonly outcome: 'refused'; readonly prefix: string | null; readonly reason: string; readonly unusable?: true };

/** The results for a batch of keys. */
export interface ImportAnswer {
  /** In the order of the records. */
  readonly outcomes: readonly ImportOutcome[];
}

/**
 * Stores exported keys, and keys that another system issued. Each record is stored completely or not at all, and never
 * replaces another one. A repeated import does not change the keys that it stored before: a key that has since been revoked
 * stays revoked.
 *
 * A key that works where it was exported is stored as it is, even if a new key like it would be rejected today.
 */
export const importKeys: Operation<ImportAnswer> = async (context, input) => {
  const { records, dryRun, includeUnusable } = checkInput(inputs.import(), input);
  const candidates = await checkedRotations(
    withoutRepetitions(records.map((record) => candidateOf(record, context, includeUnusable))),
    context,
  );
  const outcomes = dryRun ? await foresee(candidates, context) : await store(candidates, context);
  return { outcomes };
};

interface Importable {
  readonly record: StoredKey;
  readonly warning?: string;
}
type Refused = Extract<ImportOutcome, { outcome: 'refused' }>;
type Candidate = Importable | Refused;

function candidateOf(input: unknown, { settings, now }: OperationContext, includeUnusable: boolean): Candidate {
  const prefix = prefixOf(input);
  const time = now();
  try {
    const fields = checkInput(portableKey(time), input);
    const { metadata, label = settings.label, scopes = [], version = 1, ...portable } = fields;
    const record = {
      ...portable,
      label,
      scopes,
      version,
      metadata: metadata ?? defaultMetadata(settings.attributes),
      usageId: usageIdVersionOf(portable),
    };
    const fault =
      originFault(record, { label: settings.label, importedFormats: IMPORTED_FORMATS }) ??
      removalFault(record, settings.retentionSeconds, time);
    if (fault !== undefined) return refused(prefix, fault);
    const unusable = unusableReason(record, settings, time);
    if (unusable !== undefined && !includeUnusable) return { ...refused(prefix, unusable), unusable: true };
    const warning = unusable ?? brokenRules(record, settings, time);
    return { record, ...(warning !== undefined && { warning }) };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return refused(prefix, error.message);
  }
}

/**
 * Returns how an imported key is identified to usage plans: as a new key, unless it was rotated by a release that wrote no
 * version. All keys of such a chain of rotations must keep one value, and some of them may be stored already.
 */
function usageIdVersionOf({
  usageId,
  countsAs,
  replacedBy,
}: Pick<StoredKey, 'usageId' | 'countsAs' | 'replacedBy'>): StoredKey['usageId'] {
  const rotated = countsAs !== undefined || replacedBy !== undefined;
  return rotated ? usageId : USAGE_IDENTIFIER_VERSION;
}

/** Returns the metadata for a record that has none: the defaults of the attributes, as for a new key. */
function defaultMetadata(attributes: ManagementSettings['attributes']): Metadata {
  return keyFields.metadata(attributes).safeParse({}).data ?? {};
}

/** Returns why DynamoDB would never remove an expired or revoked key, or `undefined` if it would. */
function removalFault(record: StoredKey, retentionSeconds: number, now: EpochMs): string | undefined {
  const ttl = ttlOf(record, retentionSeconds);
  if (ttl === undefined || ttl * 1000 > now - OLDEST_TTL_MS) return undefined;
  return 'it expired or was revoked about five years ago or earlier, so DynamoDB would never remove it; leave it out';
}

/** Rejects all valid records that share an id, because it is unclear which of them is correct. */
function withoutRepetitions(candidates: readonly Candidate[]): Candidate[] {
  const counts = new Map<string, number>();
  for (const one of candidates)
    if (!('outcome' in one)) counts.set(one.record.prefix, (counts.get(one.record.prefix) ?? 0) + 1);
  return candidates.map((candidate) =>
    'outcome' in candidate || counts.get(candidate.record.prefix) === 1
      ? candidate
      : refused(candidate.record.prefix, 'the batch has this id more than once'),
  );
}

/**
 * Rejects a rotated key whose usage would be counted on a key outside its chain of rotations, so that an import cannot use
 * up the limits of another key. The key that it was rotated from is looked up in the batch and in the table. If that has
 * been removed, the first key of the chain must at least belong to the same owner.
 */
async function checkedRotations(candidates: readonly Candidate[], context: OperationContext): Promise<Candidate[]> {
  const known = new Map(
    candidates.flatMap((one) => ('outcome' in one ? [] : [[one.record.prefix, one.record] as const])),
  );
  const named = candidates.flatMap((one) => ('outcome' in one ? [] : [one.record.rotatedFrom, one.record.countsAs]));
  const missing = named.filter((id) => id !== undefined && !known.has(id));
  for (const record of await stored(missing, context)) known.set(record.prefix, record);
  return candidates.map((candidate) => {
    if ('outcome' in candidate || candidate.record.countsAs === undefined) return candidate;
    const { prefix, label, ownerId, rotatedFrom = '', countsAs } = candidate.record;
    const before = known.get(rotatedFrom);
    const first = known.get(countsAs);
    const otherChain = before !== undefined && (before.countsAs ?? before.prefix) !== countsAs;
    const otherOwner = first !== undefined && (first.label !== label || first.ownerId !== ownerId);
    return otherChain || otherOwner ? refused(prefix, 'countsAs: not the first key of its rotations') : candidate;
  });
}

async function stored(prefixes: readonly (string | undefined)[], { keys }: OperationContext): Promise<StoredKey[]> {
  const unique = [...new Set(prefixes)].filter((prefix) => prefix !== undefined);
  const records: StoredKey[] = [];
  for (let start = 0; start < unique.length; start += READS_AT_A_TIME)
    records.push(...(await keys.getAll(unique.slice(start, start + READS_AT_A_TIME))));
  return records;
}

async function foresee(candidates: readonly Candidate[], context: OperationContext): Promise<ImportOutcome[]> {
  const prefixes = candidates.flatMap((one) => ('outcome' in one ? [] : [one.record.prefix]));
  const existing = new Map((await stored(prefixes, context)).map((record) => [record.prefix, record]));
  return candidates.map((candidate) => {
    if ('outcome' in candidate) return candidate;
    const found = existing.get(candidate.record.prefix);
    return found === undefined ? imported(candidate) : outcomeOfTaken(found, candidate.record);
  });
}

async function store(candidates: readonly Candidate[], { keys }: OperationContext): Promise<ImportOutcome[]> {
  const outcomes: ImportOutcome[] = [];
  const remaining = candidates.entries();
  const writer = async () => {
    for (const [index, candidate] of remaining) outcomes[index] = await storeOne(candidate);
  };
  // The writers share one iterator, so each record goes to exactly one of them.
  await Promise.all(Array.from({ length: WRITES_AT_A_TIME }, writer));
  return outcomes;

  async function storeOne(candidate: Candidate): Promise<ImportOutcome> {
    if ('outcome' in candidate) return candidate;
    const created = await persistently(() => keys.create(candidate.record));
    return created.outcome === 'stored' ? imported(candidate) : outcomeOfTaken(created.record, candidate.record);
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

/** Returns the outcome for a candidate whose id is taken: `present` if the stored record is the same key. */
function outcomeOfTaken(found: StoredKey, candidate: StoredKey): ImportOutcome {
  const { prefix, label, digest, createdAt } = candidate;
  // The first use of a key replaces its slow digest, but not its time of creation.
  const sameKey = found.digest === digest || (isSlowDigest(digest) && found.createdAt === createdAt);
  return found.label === label && sameKey
    ? { outcome: 'present', prefix }
    : refused(prefix, 'another key has this id already');
}

function imported({ record: { prefix }, warning }: Importable): ImportOutcome {
  return { outcome: 'imported', prefix, ...(warning !== undefined && { warning }) };
}

function refused(prefix: string | null, reason: string) {
  return { outcome: 'refused', prefix, reason } as const;
}

function prefixOf(input: unknown): string | null {
  const prefix: unknown = typeof input === 'object' && input !== null && 'prefix' in input ? input.prefix : null;
  return typeof prefix === 'string' ? prefix : null;
}
