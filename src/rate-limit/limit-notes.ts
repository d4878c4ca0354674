import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LimitReached } from '../gateway/key-events.ts';
import { LIMITS_KEY_ATTRIBUTE, LIMITS_TTL_ATTRIBUTE } from './limits-table.ts';

/** A rejected request waits no longer than this, in milliseconds. The next rejected request retries the write. */
const TIMEOUT_MS = 500;
const MAX_REMEMBERED = 10_000;
const DAY_SECONDS = 24 * 3600;

/**
 * Records that a limit was reached, once per window, in the table of the counters. The table's stream turns each record into
 * an event. Many environments can reject requests with the same key: each tries the write once, and one of them succeeds.
 */
export class LimitNotes {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #noted = new Set<string>();

  constructor(options: { client: DynamoDBDocumentClient; tableName: string }) {
    this.#client = options.client;
    this.#tableName = options.tableName;
  }

  /**
   * Records that a limit was reached, unless it is recorded already.
   *
   * @param countsAs the id of the counters
   * @throws {Error} if the write fails or takes longer than 500 ms. The next call retries it.
   */
  async note(countsAs: string, { keyId, limit, allowed, from, until, at }: LimitReached): Promise<void> {
    // The limit's value is part of the id, so that a raised limit that is reached again is recorded.
    const id = `${countsAs}#${limit}#${allowed}`;
    const window = `${id}#${String(from)}`;
    if (this.#noted.has(window)) return;
    try {
      await this.#client.send(
        new UpdateCommand({
          TableName: this.#tableName,
          Key: { [LIMITS_KEY_ATTRIBUTE]: id },
          UpdateExpression:
            'SET keyId = :keyId, #limit = :limit, allowed = :allowed, #from = :from, #until = :until, #at = :at, #ttl = :ttl',
          ConditionExpression: 'attribute_not_exists(#from) OR #from < :from',
          ExpressionAttributeNames: {
            '#limit': 'limit',
            '#from': 'from',
            '#until': 'until',
            '#at': 'at',
            '#ttl': LIMITS_TTL_ATTRIBUTE,
          },
          ExpressionAttributeValues: {
            ':keyId': keyId,
            ':limit': limit,
            ':allowed': allowed,
            ':from': from,
            ':until': until,
            ':at': at,
            ':ttl': Math.ceil(until / 1000) + DAY_SECONDS,
          },
        }),
        { abortSignal: AbortSignal.timeout(TIMEOUT_MS) },
      );
    } catch (error) {
      // Another environment has recorded it.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    if (this.#noted.size >= MAX_REMEMBERED) this.#noted.clear();
    this.#noted.add(window);
  }
}
