import { setTimeout as delay } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { QueryCommand, TransactWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { RouteUsage } from '../domain/usage.ts';
import {
  batchEntry,
  dayEntry,
  dayRange,
  parseDayEntry,
  USAGE_KEY_ATTRIBUTE,
  USAGE_SORT_ATTRIBUTE,
  USAGE_TTL_ATTRIBUTE,
} from './usage-table.ts';

const DAY_SECONDS = 24 * 3600;
/** A year to look back on, and a month to do it in. */
const KEEP_COUNTS_SECONDS = 400 * DAY_SECONDS;
/**
 * How long a batch is known again. Lambda tries it for six hours at most; what it has given up lies in a queue for 14
 * days, and can be delivered from there to the last. A test holds the two against each other.
 */
export const KEEP_BATCHES_SECONDS = 21 * DAY_SECONDS;

/** DynamoDB takes 100 writes in a transaction; one is the batch's mark. */
export const MAX_ROUTES_PER_BATCH = 99;

/** Other batches of the same key stand in the way for some milliseconds; pauses are drawn up to these. */
const PAUSES_MS = [0, 50, 100, 200, 400, 800, 1600];

/** Counts of keys by day and route, in a DynamoDB table with the schema of `usage-table.ts`. */
export class UsageStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;

  constructor(options: { client: DynamoDBDocumentClient; tableName: string }) {
    this.#client = options.client;
    this.#tableName = options.tableName;
  }

  /**
   * Adds up a batch, once: it leaves a mark in the same transaction, and a batch whose mark is there is not added
   * again.
   *
   * @param batchId names the batch; the same whenever it is delivered
   * @param usage of one key, at most {@link MAX_ROUTES_PER_BATCH}, each route of a day once
   * @param now decides how long the mark and the counts are kept
   */
  async add(
    prefix: string,
    batchId: string,
    usage: readonly RouteUsage[],
    now: number,
  ): Promise<'added' | 'added before'> {
    const seconds = Math.ceil(now / 1000);
    // Of these the table has a later use: a batch that comes late must not set it back.
    const older = new Set<number>();
    for (const pause of PAUSES_MS) {
      await delay(Math.random() * pause);
      try {
        await this.#client.send(
          new TransactWriteCommand({
            TransactItems: [
              {
                Put: {
                  TableName: this.#tableName,
                  Item: {
                    ...at(prefix, batchEntry(batchId)),
                    [USAGE_TTL_ATTRIBUTE]: seconds + KEEP_BATCHES_SECONDS,
                  },
                  ConditionExpression: `attribute_not_exists(${USAGE_KEY_ATTRIBUTE})`,
                },
              },
              ...usage.map((one, index) => ({
                Update: {
                  TableName: this.#tableName,
                  Key: at(prefix, dayEntry(one.day, one.route)),
                  ...addition(one, seconds + KEEP_COUNTS_SECONDS, older.has(index)),
                },
              })),
            ],
          }),
        );
        return 'added';
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const [mark, ...updates] = (error.CancellationReasons ?? []).map(({ Code }) => Code);
        if (mark === 'ConditionalCheckFailed') return 'added before';
        const retried = [mark, ...updates].filter((code) => code !== undefined && code !== 'None');
        if (retried.some((code) => code !== 'ConditionalCheckFailed' && code !== 'TransactionConflict')) throw error;
        for (const [index, code] of updates.entries()) if (code === 'ConditionalCheckFailed') older.add(index);
      }
    }
    throw new Error(`too many batches of the key ${prefix} at once; this one can be delivered again`);
  }

  /** What a key was used for from one day to another, both included, in the order of days. */
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

function at(prefix: string, entry: string) {
  return { [USAGE_KEY_ATTRIBUTE]: prefix, [USAGE_SORT_ATTRIBUTE]: entry };
}

function addition({ requests, errors, throttled, latencyMs, lastUsedAt }: RouteUsage, ttl: number, older: boolean) {
  return {
    UpdateExpression: `ADD requests :requests, errors :errors, throttled :throttled, latencyMs :latencyMs SET #ttl = :ttl${older ? '' : ', lastUsedAt = :lastUsedAt'}`,
    ...(older ? {} : { ConditionExpression: 'attribute_not_exists(lastUsedAt) OR lastUsedAt <= :lastUsedAt' }),
    ExpressionAttributeNames: { '#ttl': USAGE_TTL_ATTRIBUTE },
    ExpressionAttributeValues: {
      ':requests': requests,
      ':errors': errors,
      ':throttled': throttled,
      ':latencyMs': latencyMs,
      ':ttl': ttl,
      ...(older ? {} : { ':lastUsedAt': lastUsedAt }),
    },
  };
}
