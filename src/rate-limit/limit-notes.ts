import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LimitReached } from '../gateway/key-events.ts';
import { LIMITS_KEY_ATTRIBUTE, LIMITS_TTL_ATTRIBUTE } from './limits-table.ts';

/** A refused caller waits for no longer than this: there will be other refusals to note it by. */
const TIMEOUT_MS = 500;
const MAX_REMEMBERED = 10_000;
const DAY_SECONDS = 24 * 3600;

/**
 * Notes that a limit was reached, once per window, beside the counters; their table's stream tells it on. Of many
 * environments that refuse a key one writes the note, and each asks no more than once.
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
   * @param countsAs whose counters were used up
   * @throws if it cannot be written; the next refusal tries again
   */
  async note(countsAs: string, { keyId, limit, allowed, from, until, at }: LimitReached): Promise<void> {
    // By the limit's value too: one that is raised and reached again is news.
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
      // Somebody else has noted it.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    if (this.#noted.size >= MAX_REMEMBERED) this.#noted.clear();
    this.#noted.add(window);
  }
}
