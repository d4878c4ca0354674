import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  QueryCommand,
  TransactWriteCommand,
  type DynamoDBDocumentClient,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { sum, type CountedLine, type RouteUsage, type UsageCounts } from '../gateway/usage.ts';
import {
  dayEntry,
  dayRange,
  parseDayEntry,
  seenEntry,
  USAGE_KEY_ATTRIBUTE,
  USAGE_SORT_ATTRIBUTE,
  USAGE_TTL_ATTRIBUTE,
} from './usage-table.ts';

const DAY_SECONDS = 24 * 3600;
/** A year and a month. */
const KEEP_COUNTS_SECONDS = 400 * DAY_SECONDS;
/**
 * How long a counted line is recognized. Lambda retries a batch for six hours at most; the queue of failed batches keeps it for
 * another 14 days. A test checks this against the construct.
 */
export const KEEP_SEEN_SECONDS = 21 * DAY_SECONDS;

/** DynamoDB accepts 100 items in a transaction, and 100 keys in a `BatchGetItem`. */
export const MAX_ITEMS = 100;

/**
 * Attempts to add the same lines, with full jitter between them: up to {@link FIRST_PAUSE_MS}, doubled each time, up to
 * {@link MAX_PAUSE_MS}. Half a minute at most, a quarter on average.
 *
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
const MAX_ATTEMPTS = 16;
const FIRST_PAUSE_MS = 25;
const MAX_PAUSE_MS = 3000;

/** The reasons of a cancelled transaction that another attempt can overcome. */
const TRANSIENT: ReadonlySet<string | undefined> = new Set([
  undefined,
  'None',
  'ConditionalCheckFailed',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
type Change = Omit<NonNullable<TransactItem['Update']>, 'TableName' | 'Key'>;

/** The items that one line is counted in. */
export function itemsOf({ keyId, day, route, counts }: CountedLine): readonly [seen: string, row: string] {
  return [JSON.stringify([keyId, seenEntry(counts.lastUsedAt)]), JSON.stringify([keyId, dayEntry(day, route)])];
}

/** Counts of keys by day and route, in a DynamoDB table with the schema of `usage-table.ts`. */
export class UsageStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;

  constructor(options: { client: DynamoDBDocumentClient; tableName: string }) {
    this.#client = options.client;
    this.#tableName = options.tableName;
  }

  /**
   * Adds lines to the counts, each line exactly once: a line that is delivered again within three weeks, even in another
   * batch or order, isn't added again.
   *
   * It reads which of the lines were counted, and writes the others together with their hashes in one transaction, on the
   * condition that nothing has changed since. If something has, it starts over.
   *
   * @param lines at most {@link MAX_ITEMS} items together, by {@link itemsOf}
   * @param now decides how long the counts and the hashes are kept
   * @returns how many lines were added now
   * @throws {Error} if other writers were faster at every attempt, or DynamoDB is unavailable; nothing was added then
   */
  async add(lines: readonly CountedLine[], now: number): Promise<number> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (attempt > 0) await delay(Math.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
      const { fresh, items } = this.#additions(lines, await this.#read(lines), Math.ceil(now / 1000));
      if (fresh === 0) return 0;
      try {
        await this.#client.send(new TransactWriteCommand({ TransactItems: items }));
        return fresh;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
        if (codes.length === 0 || codes.some((code) => !TRANSIENT.has(code))) throw error;
      }
    }
    throw new Error(
      `other batches changed the same counts at each of ${String(MAX_ATTEMPTS)} attempts; deliver it again`,
    );
  }

  /** The items of the lines as they are now, by their keys. */
  async #read(lines: readonly CountedLine[]): Promise<ReadonlyMap<string, StoredItem>> {
    let keys = [...new Set(lines.flatMap(itemsOf))].map(keyOf);
    const found = new Map<string, StoredItem>();
    for (let attempt = 0; keys.length > 0; attempt += 1) {
      if (attempt === MAX_ATTEMPTS) throw new Error('DynamoDB did not return all items; deliver the batch again');
      if (attempt > 0) await delay(Math.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
      const { Responses, UnprocessedKeys } = await this.#client.send(
        new BatchGetCommand({ RequestItems: { [this.#tableName]: { Keys: keys, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[this.#tableName] ?? []) {
        const { [USAGE_KEY_ATTRIBUTE]: keyId, [USAGE_SORT_ATTRIBUTE]: entry, ...stored } = item;
        found.set(JSON.stringify([keyId, entry]), stored);
      }
      keys = (UnprocessedKeys?.[this.#tableName]?.Keys ?? []).map((key) => ({
        [USAGE_KEY_ATTRIBUTE]: String(key[USAGE_KEY_ATTRIBUTE]),
        [USAGE_SORT_ATTRIBUTE]: String(key[USAGE_SORT_ATTRIBUTE]),
      }));
    }
    return found;
  }

  #additions(lines: readonly CountedLine[], stored: ReadonlyMap<string, StoredItem>, seconds: number) {
    const seen = new Map<string, Set<string>>();
    const rows = new Map<string, UsageCounts>();
    for (const line of lines) {
      const [seenKey, rowKey] = itemsOf(line);
      const hash = hashOf(line.lineId);
      const added = seen.get(seenKey) ?? new Set();
      if (added.has(hash) || stored.get(seenKey)?.lines?.has(hash) === true) continue;
      seen.set(seenKey, added.add(hash));
      const row = rows.get(rowKey);
      rows.set(rowKey, row === undefined ? line.counts : sum(row, line.counts));
    }
    const update = (key: string, change: Change): TransactItem => ({
      Update: { TableName: this.#tableName, Key: keyOf(key), ...change },
    });
    const items = [
      ...[...seen].map(([key, added]) => update(key, listed(added, stored.get(key), seconds + KEEP_SEEN_SECONDS))),
      ...[...rows].map(([key, counts]) => update(key, counted(counts, stored.get(key), seconds + KEEP_COUNTS_SECONDS))),
    ];
    return { fresh: [...seen.values()].reduce((all, { size }) => all + size, 0), items };
  }

  /** Returns the usage of a key from one day to another, both included, in the order of days. */
  async read(prefix: string, from: string, to: string): Promise<RouteUsage[]> {
    const [first, last] = dayRange(from, to);
    const usage: RouteUsage[] = [];
    let next: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.#client.send(
        new QueryCommand({
          TableName: this.#tableName,
          KeyConditionExpression: `${USAGE_KEY_ATTRIBUTE} = :prefix AND ${USAGE_SORT_ATTRIBUTE} BETWEEN :first AND :last`,
          ExpressionAttributeValues: { ':prefix': prefix, ':first': first, ':last': last },
          ExclusiveStartKey: next,
        }),
      );
      for (const { [USAGE_SORT_ATTRIBUTE]: entry, ...counts } of Items) {
        const { requests, errors, throttled, latencyMs, lastUsedAt } = counts as Omit<RouteUsage, 'day' | 'route'>;
        usage.push({ ...parseDayEntry(String(entry)), requests, errors, throttled, latencyMs, lastUsedAt });
      }
      next = LastEvaluatedKey;
    } while (next !== undefined);
    return usage;
  }
}

/** The attributes of an item that {@link UsageStore.add} needs before it writes. */
interface StoredItem {
  readonly lines?: ReadonlySet<string>;
  readonly lastUsedAt?: number;
}

function keyOf(item: string): Record<string, string> {
  const [keyId = '', entry = ''] = JSON.parse(item) as string[];
  return { [USAGE_KEY_ATTRIBUTE]: keyId, [USAGE_SORT_ATTRIBUTE]: entry };
}

/** 64 bits: the probability that two lines of a key in one second have the same hash is below 1 in 10 billion. */
function hashOf(lineId: string): string {
  return createHash('sha256').update(lineId).digest('base64url').slice(0, 11);
}

/** Lines are only added, so if the number of lines is unchanged, the lines are. */
function listed(lines: ReadonlySet<string>, stored: StoredItem | undefined, ttl: number): Change {
  const before = stored?.lines?.size;
  return {
    UpdateExpression: 'ADD #lines :lines SET #ttl = :ttl',
    ConditionExpression: before === undefined ? 'attribute_not_exists(#lines)' : 'size(#lines) = :before',
    ExpressionAttributeNames: { '#lines': 'lines', '#ttl': USAGE_TTL_ATTRIBUTE },
    ExpressionAttributeValues: {
      ':lines': lines,
      ':ttl': ttl,
      ...(before === undefined ? {} : { ':before': before }),
    },
  };
}

/** A late batch must not set `lastUsedAt` back. */
function counted(counts: UsageCounts, stored: StoredItem | undefined, ttl: number): Change {
  const { requests, errors, throttled, latencyMs, lastUsedAt } = counts;
  const later = stored?.lastUsedAt === undefined || stored.lastUsedAt < lastUsedAt;
  return {
    UpdateExpression: `ADD requests :requests, errors :errors, throttled :throttled, latencyMs :latencyMs SET #ttl = :ttl${later ? ', lastUsedAt = :lastUsedAt' : ''}`,
    ...(later ? { ConditionExpression: 'attribute_not_exists(lastUsedAt) OR lastUsedAt <= :lastUsedAt' } : {}),
    ExpressionAttributeNames: { '#ttl': USAGE_TTL_ATTRIBUTE },
    ExpressionAttributeValues: {
      ':requests': requests,
      ':errors': errors,
      ':throttled': throttled,
      ':latencyMs': latencyMs,
      ':ttl': ttl,
      ...(later ? { ':lastUsedAt': lastUsedAt } : {}),
    },
  };
}
