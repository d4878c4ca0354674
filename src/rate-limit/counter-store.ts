import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { bucketAt, violated, type Counters, type LimitName } from '../core/limits/allowance.ts';
import { quotaWindow, type ParsedLimits, type Quota, type Rate } from '../core/limits/limits.ts';
import type { EpochMs } from '../core/keys/record.ts';
import { BoundedMap } from '../storage/bounded-map.ts';
import { LIMITS_KEY_ATTRIBUTE, LIMITS_TTL_ATTRIBUTE } from './limits-table.ts';

/** A request was counted; or it was not, because of these limits. */
export type Counted =
  | { readonly counted: true; readonly counters: Counters }
  | { readonly counted: false; readonly violated: readonly LimitName[]; readonly counters: Counters };

/** Counters move from one form below to another at most once each at a given time. More is somebody deleting them. */
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
 * A write cannot say "the later of two times", so there are several forms of each half: the bucket is full, is not, or is
 * left over from another rate; the window is the item's or a new one. Which one fits is guessed from what was seen last;
 * when the guess was wrong nothing has been written, DynamoDB answers what is there, and the next write fits.
 */
export class CounterStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #seen = new BoundedMap<string, { readonly counters: Counters; readonly at: EpochMs }>(MAX_REMEMBERED);

  /**
   * @param options.client must not retry a write that was not answered: it may have counted. {@link countingClient} does
   *   what can be done
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
    // Deleted first, so that it becomes the newest.
    this.#seen.delete(id);
    this.#seen.set(id, { counters, at: now });
    return counters;
  }
}

/** What one limit adds to the write that counts a request. */
interface Half {
  readonly set: string;
  readonly condition: string;
  readonly values: Readonly<Record<`:${string}`, number>>;
  /** When what it has written says nothing any more. */
  readonly until: EpochMs;
}

/** The write that counts a request, in the form that fits the counters as they were last seen. */
function countExpression({ rate, quota }: ParsedLimits, seen: Counters, now: EpochMs) {
  const halves = [
    ...(rate === undefined ? [] : [takeToken(rate, seen, now)]),
    ...(quota === undefined ? [] : [takeFromQuota(quota, seen, now)]),
  ];
  const until = Math.max(now, ...halves.map((half) => half.until));
  return {
    UpdateExpression: `SET ${['#ttl = :ttl', ...halves.map(({ set }) => set)].join(', ')}`,
    ConditionExpression: halves.map(({ condition }) => condition).join(' AND '),
    ExpressionAttributeNames: { '#ttl': LIMITS_TTL_ATTRIBUTE },
    ExpressionAttributeValues: {
      ':ttl': Math.ceil(until / 1000) + DAY_SECONDS,
      ...Object.fromEntries(halves.flatMap(({ values }) => Object.entries(values))),
    },
  };
}

function takeToken(rate: Rate, { fullAt = 0 }: Counters, now: EpochMs): Half {
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

function takeFromQuota({ period, requests }: Quota, { quotaFrom = -1 }: Counters, now: EpochMs): Half {
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
