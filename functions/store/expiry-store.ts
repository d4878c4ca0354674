import { GetCommand, QueryCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { EpochMs } from '../domain/record.ts';
import { BY_EXPIRY, KEY_ATTRIBUTE, lookOutKey } from './table.ts';

/** A place in the keys of a label by expiry: after every key up to `expiresAt` or, with a prefix, after that one of its time. */
export interface ExpiryPosition {
  readonly expiresAt: EpochMs;
  readonly prefix?: string | undefined;
}

export interface ExpiryPage {
  readonly prefixes: readonly string[];
  /** Where to go on; none: this was the last page. */
  readonly next?: ExpiryPosition | undefined;
}

/** The keys of one label by expiry, and how far each look-out among them has come. */
export class ExpiryStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #label: string;

  constructor(options: { client: DynamoDBDocumentClient; tableName: string; label: string }) {
    this.#client = options.client;
    this.#tableName = options.tableName;
    this.#label = options.label;
  }

  /** Keys that are not revoked and end after `after`, and not later than `until`: at most 100, the first to end first. */
  async page(after: ExpiryPosition, until: EpochMs): Promise<ExpiryPage> {
    const { name, partitionKey, sortKey } = BY_EXPIRY;
    // With a prefix there may be more keys of the same millisecond.
    const from = after.prefix === undefined ? after.expiresAt + 1 : after.expiresAt;
    if (from > until) return { prefixes: [] };
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#tableName,
        IndexName: name,
        KeyConditionExpression: '#partition = :label AND #end BETWEEN :from AND :until',
        FilterExpression: 'attribute_not_exists(revokedAt)',
        ExpressionAttributeNames: { '#partition': partitionKey, '#end': sortKey.name },
        ExpressionAttributeValues: { ':label': this.#label, ':from': from, ':until': until },
        ExclusiveStartKey:
          after.prefix === undefined
            ? undefined
            : { [partitionKey]: this.#label, [sortKey.name]: after.expiresAt, [KEY_ATTRIBUTE]: after.prefix },
        // As many as can be read in one batch.
        Limit: 100,
      }),
    );
    return {
      prefixes: Items.map((item) => String(item[KEY_ATTRIBUTE])),
      next: LastEvaluatedKey && {
        expiresAt: Number(LastEvaluatedKey[sortKey.name]),
        prefix: String(LastEvaluatedKey[KEY_ATTRIBUTE]),
      },
    };
  }

  /** How far a look-out has come, if it has begun. */
  async position(lookOut: string): Promise<ExpiryPosition | undefined> {
    const { Item } = await this.#client.send(new GetCommand({ ...this.#positions(), ConsistentRead: true }));
    return Item?.[lookOut] as ExpiryPosition | undefined;
  }

  async moveTo(lookOut: string, position: ExpiryPosition): Promise<void> {
    await this.#client.send(
      new UpdateCommand({
        ...this.#positions(),
        UpdateExpression: 'SET #lookOut = :position',
        ExpressionAttributeNames: { '#lookOut': lookOut },
        ExpressionAttributeValues: { ':position': position },
      }),
    );
  }

  #positions() {
    return { TableName: this.#tableName, Key: { [KEY_ATTRIBUTE]: lookOutKey(this.#label) } };
  }
}
