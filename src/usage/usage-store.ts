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
 * How long a counted line is recognized. Lambda retries a batch for at most six hours, and the queue of failed batches keeps
 * it for another 14 days. A test checks this against the construct.
 */
export const KEEP_SEEN_SECONDS = 21 * DAY_SECONDS;

/** DynamoDB accepts at most 100 items in a transaction, and 100 keys in a `BatchGetItem`. */
export const MAX_ITEMS = 100;

/**
 * Attempts to add the same lines, with exponential backoff and full jitter. The pause is at most {@link FIRST_PAUSE_MS},
 * doubled each time, up to {@link MAX_PAUSE_MS}. All pauses take at most 30 seconds, and 15 on average.
 *
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
const MAX_ATTEMPTS = 16;
const FIRST_PAUSE_MS = 25;
const MAX_PAUSE_MS = 3000;

/** The reasons of a cancelled transaction for which a retry can succeed. */
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

/** Returns the items that a line is counted in. */
export function itemsOf({ keyId, day, route, counts }: CountedLine): readonly [seen: string, row: string] {
  return [JSON.stringify([keyId, seenEntry(counts.lastUsedAt)]), JSON.stringify([keyId, dayEntry(day, route)])];
}

/** Stores the usage of keys by day and route, in a DynamoDB table with the schema in `usage-table.ts`. */
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
   * It reads which of the lines are already counted. Then it writes the others with their hashes in one transaction, on the
   * condition that the items have not changed. If they have, it starts over.
   *
   * @param lines lines that are counted in at most {@link MAX_ITEMS} items, see {@link itemsOf}
   * @param now the time from which the retention of the counts and hashes is calculated
   * @returns the number of lines that were added
   * @throws {Error} if other writers change the items at every attempt, or DynamoDB is unavailable. Then nothing is added
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

  /** Returns the stored items of the lines, by their keys. */
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

  /** Returns the usage of a key from the first to the last day (inclusive), in the order of days. */
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

/** Lines are never removed, so if the number of lines has not changed, the lines have not changed, either. */
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

/** Updates `lastUsedAt` only if it is later, because batches can arrive late. */
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
