import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { bucketAt, violated, type Counters, type LimitName } from '../domain/allowance.ts';
import { quotaWindow, type ParsedLimits } from '../domain/limits.ts';
import type { EpochMs } from '../domain/record.ts';
import { LIMITS_KEY_ATTRIBUTE, LIMITS_TTL_ATTRIBUTE } from './limits-table.ts';

/** A request was counted; or it was not, because of these limits. */
export type Counted =
  | { readonly counted: true; readonly counters: Counters }
  | { readonly counted: false; readonly violated: readonly LimitName[]; readonly counters: Counters };

/** Counters move from one branch below to the other at most once each at a given time. More is somebody deleting them. */
const MAX_ATTEMPTS = 5;

/** A refusal remembered for longer is asked for again: somebody may have reset the counters. */
const TRUST_REFUSAL_MS = 1000;
const MAX_REMEMBERED = 10_000;
const DAY_SECONDS = 24 * 3600;

/**
 * Counts requests in DynamoDB: one item a key, and one conditional write that takes a token from the bucket and
 * one from the quota, or neither. DynamoDB carries out the writes of an item one after another, so the limit
 * holds exactly, however many count at the same time.
 *
 * A write cannot say "the later of two times", so there are two forms of each half: the bucket is full or not,
 * the window is the item's or a new one. Which one fits is guessed from what was seen last; when the guess was
 * wrong nothing has been written, DynamoDB answers what is there, and the next write fits.
 */
export class CounterStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #seen = new Map<string, { readonly counters: Counters; readonly at: EpochMs }>();

  /**
   * @param options.client must not retry a write that was not answered (`maxAttempts: 1`): it may have counted
   */
  constructor(options: { client: DynamoDBDocumentClient; tableName: string }) {
    this.#client = options.client;
    this.#tableName = options.tableName;
  }

  /** Counts one request of a key, if there is room for it. */
  async count(id: string, limits: ParsedLimits, now: EpochMs): Promise<Counted> {
    const seen = this.#seen.get(id);
    let counters = seen?.counters ?? {};
    // Counters only grow, so what has no room by old ones has none by new ones. A client that hammers on costs no writes.
    if (seen !== undefined && now - seen.at < TRUST_REFUSAL_MS) {
      const names = violated(limits, counters, now);
      if (names.length > 0) return { counted: false, violated: names, counters };
    }
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      try {
        const { Attributes = {} } = await this.#client.send(
          new UpdateCommand({
            TableName: this.#tableName,
            Key: { [LIMITS_KEY_ATTRIBUTE]: id },
            ...countExpression(limits, counters, now),
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { counted: true, counters: this.#remember(id, Attributes, now) };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        counters = this.#remember(id, error.Item === undefined ? {} : unmarshall(error.Item), now);
        const names = violated(limits, counters, now);
        if (names.length > 0) return { counted: false, violated: names, counters };
      }
    }
    throw new Error(`the counters of ${id} change under every write`);
  }

  #remember(id: string, counters: Counters, now: EpochMs): Counters {
    // Of the oldest keys, one makes room: a map keeps the order in which they were last set.
    this.#seen.delete(id);
    const oldest = this.#seen.keys().next();
    if (this.#seen.size >= MAX_REMEMBERED && oldest.done !== true) this.#seen.delete(oldest.value);
    this.#seen.set(id, { counters, at: now });
    return counters;
  }
}

/** The write that counts a request, in the form that fits the counters as they were last seen. */
function countExpression({ rate, quota }: ParsedLimits, seen: Counters, now: EpochMs) {
  const set: string[] = ['#ttl = :ttl'];
  const conditions: string[] = [];
  const values: Record<string, number> = {};
  let saysNothingAfter = now;

  if (rate !== undefined) {
    const { nowUs, intervalUs, latestFullAt } = bucketAt(rate, now);
    values[':nowUs'] = nowUs;
    if ((seen.fullAt ?? 0) > nowUs) {
      set.push('fullAt = fullAt + :interval');
      conditions.push('fullAt > :nowUs AND fullAt <= :latest');
      values[':interval'] = intervalUs;
      values[':latest'] = latestFullAt;
    } else {
      set.push('fullAt = :fullAt');
      conditions.push('(attribute_not_exists(fullAt) OR fullAt <= :nowUs)');
      values[':fullAt'] = nowUs + intervalUs;
    }
    saysNothingAfter = Math.max(saysNothingAfter, (latestFullAt + intervalUs) / 1000);
  }
  if (quota !== undefined) {
    const { start, end } = quotaWindow(quota.period, now);
    values[':start'] = start;
    values[':one'] = 1;
    if ((seen.quotaFrom ?? -1) >= start) {
      set.push('used = used + :one');
      conditions.push('quotaFrom >= :start AND used < :requests');
      values[':requests'] = quota.requests;
    } else {
      set.push('quotaFrom = :start', 'used = :one');
      conditions.push('(attribute_not_exists(quotaFrom) OR quotaFrom < :start)');
    }
    saysNothingAfter = Math.max(saysNothingAfter, end);
  }
  values[':ttl'] = Math.ceil(saysNothingAfter / 1000) + DAY_SECONDS;
  return {
    UpdateExpression: `SET ${set.join(', ')}`,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: { '#ttl': LIMITS_TTL_ATTRIBUTE },
    ExpressionAttributeValues: values,
  };
}
