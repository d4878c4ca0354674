import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { bucketAt, exceededLimits, type Counters, type LimitName } from '../core/limits/allowance.ts';
import { quotaWindow, type ParsedLimits, type Quota, type Rate } from '../core/limits/limits.ts';
import type { EpochMs } from '../core/keys/record.ts';
import { BoundedMap } from '../storage/bounded-map.ts';
import { LIMITS_KEY_ATTRIBUTE, LIMITS_TTL_ATTRIBUTE } from './limits-table.ts';

/** Whether a request was counted and, if not, the limits that it would exceed. */
export type Counted =
  | { readonly counted: true; readonly counters: Counters }
  | { readonly counted: false; readonly violated: readonly LimitName[]; readonly counters: Counters };

/** At one point in time, counters change from each form below to another at most once. More attempts mean that they are being deleted. */
const MAX_ATTEMPTS = 5;

/** How long an exceeded limit is remembered, in milliseconds. Not longer, because the counters may be reset. */
const REMEMBER_EXCEEDED_MS = 1000;
const MAX_REMEMBERED = 10_000;
const DAY_SECONDS = 24 * 3600;

/**
 * Counts requests in DynamoDB: one item per key, and one conditional write per request. The write takes a token from the
 * rate's bucket and a request from the quota, or neither. DynamoDB serializes the writes to an item, so the limits are exact,
 * even if many environments count at the same time.
 *
 * An update expression has no maximum of two times, so each part of the write has several forms: the bucket is full, is not
 * full, or was written under another rate; the window is the current one or a new one. The form is chosen by the counters that
 * were last seen. If it doesn't match, nothing is written, DynamoDB returns the current counters, and the next attempt matches.
 */
export class CounterStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #seen = new BoundedMap<string, { readonly counters: Counters; readonly at: EpochMs }>(MAX_REMEMBERED);

  /**
   * @param options.client must not retry a write that had no response, because it may have been counted:
   *   {@link countingClient}
   */
  constructor(options: { client: DynamoDBDocumentClient; tableName: string }) {
    this.#client = options.client;
    this.#tableName = options.tableName;
  }

  /**
   * Counts one request, if it is within the limits.
   *
   * @param id the id of the counters
   * @throws {Error} if DynamoDB fails, or the counters change too often
   */
  async count(id: string, limits: ParsedLimits, now: EpochMs): Promise<Counted> {
    const seen = this.#seen.get(id);
    let counters = seen?.counters ?? {};
    // Counters only grow, so a limit that old counters exceed is still exceeded. A client that ignores 429 costs no writes.
    if (seen !== undefined && now - seen.at < REMEMBER_EXCEEDED_MS) {
      const names = exceededLimits(limits, counters, now);
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
        const names = exceededLimits(limits, counters, now);
        if (names.length > 0) return { counted: false, violated: names, counters };
      }
    }
    throw new Error(`the counters of ${id} changed during each of ${String(MAX_ATTEMPTS)} writes`);
  }

  #remember(id: string, counters: Counters, now: EpochMs): Counters {
    // Deleted first, so that it becomes the newest entry.
    this.#seen.delete(id);
    this.#seen.set(id, { counters, at: now });
    return counters;
  }
}

/** The part of the write that one limit needs. */
interface UpdatePart {
  readonly set: string;
  readonly condition: string;
  readonly values: Readonly<Record<`:${string}`, number>>;
  /** When the written counter is no longer needed. */
  readonly until: EpochMs;
}

/** Returns the update that counts a request, in the form that matches the counters that were last seen. */
function countExpression({ rate, quota }: ParsedLimits, seen: Counters, now: EpochMs) {
  const parts = [
    ...(rate === undefined ? [] : [takeToken(rate, seen, now)]),
    ...(quota === undefined ? [] : [takeFromQuota(quota, seen, now)]),
  ];
  const until = Math.max(now, ...parts.map((part) => part.until));
  return {
    UpdateExpression: `SET ${['#ttl = :ttl', ...parts.map(({ set }) => set)].join(', ')}`,
    ConditionExpression: parts.map(({ condition }) => condition).join(' AND '),
    ExpressionAttributeNames: { '#ttl': LIMITS_TTL_ATTRIBUTE },
    ExpressionAttributeValues: {
      ':ttl': Math.ceil(until / 1000) + DAY_SECONDS,
      ...Object.fromEntries(parts.flatMap(({ values }) => Object.entries(values))),
    },
  };
}

function takeToken(rate: Rate, { fullAt = 0 }: Counters, now: EpochMs): UpdatePart {
  const { nowUs, intervalUs, latestFullAt, emptyFullAt, latestPossible } = bucketAt(rate, now);
  const until = emptyFullAt / 1000;
  if (fullAt > latestPossible)
    return {
      set: 'fullAt = :empty',
      condition: 'fullAt > :possible',
      values: { ':empty': emptyFullAt, ':possible': latestPossible },
      until,
    };
  if (fullAt > nowUs)
    return {
      set: 'fullAt = fullAt + :interval',
      condition: 'fullAt > :nowUs AND fullAt <= :latest',
      values: { ':nowUs': nowUs, ':interval': intervalUs, ':latest': latestFullAt },
      until,
    };
  return {
    set: 'fullAt = :fullAt',
    condition: '(attribute_not_exists(fullAt) OR fullAt <= :nowUs)',
    values: { ':nowUs': nowUs, ':fullAt': nowUs + intervalUs },
    until,
  };
}

function takeFromQuota({ period, requests }: Quota, { quotaFrom = -1 }: Counters, now: EpochMs): UpdatePart {
  const { start, end: until } = quotaWindow(period, now);
  const values = { ':start': start, ':one': 1 };
  if (quotaFrom >= start)
    return {
      set: 'used = used + :one',
      condition: 'quotaFrom >= :start AND used < :requests',
      values: { ...values, ':requests': requests },
      until,
    };
  return {
    set: 'quotaFrom = :start, used = :one',
    condition: '(attribute_not_exists(quotaFrom) OR quotaFrom < :start)',
    values,
    until,
  };
}
