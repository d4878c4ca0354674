import { GetCommand, QueryCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { EpochMs } from '../core/keys/record.ts';
import { BY_EXPIRY, KEY_ATTRIBUTE, lookOutKey } from '../storage/table.ts';

/** A place in the keys of a label by expiry: after every key up to `expiresAt` or, with a prefix, after that key of this time. */
export interface ExpiryPosition {
  readonly expiresAt: EpochMs;
  readonly prefix?: string | undefined;
  /** The last time that a run moved on by far: from where to where. Either it was late, or its clock was ahead. */
  readonly jump?: { readonly from: EpochMs; readonly to: EpochMs } | undefined;
}

export interface ExpiryPage {
  /** In the order of the index, with the times that the index has. */
  readonly keys: readonly (ExpiryPosition & { readonly prefix: string })[];
  /** Where to continue; `undefined`: this was the last page. */
  readonly next?: ExpiryPosition | undefined;
}

/** The keys of one label by expiry, and the position of each look-out among them. */
export class ExpiryStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #label: string;

  constructor(options: { client: DynamoDBDocumentClient; tableName: string; label: string }) {
    this.#client = options.client;
    this.#tableName = options.tableName;
    this.#label = options.label;
  }

  /** Keys that are not revoked and expire after `after`, up to `until`: at most 100, the earliest first. */
  async page(after: ExpiryPosition, until: EpochMs): Promise<ExpiryPage> {
    const { name, partitionKey, sortKey } = BY_EXPIRY;
    // With a prefix there may be more keys of the same millisecond.
    const from = after.prefix === undefined ? after.expiresAt + 1 : after.expiresAt;
    if (from > until) return { keys: [] };
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
      keys: Items.map((item) => ({ expiresAt: Number(item[sortKey.name]), prefix: String(item[KEY_ATTRIBUTE]) })),
      next: LastEvaluatedKey && {
        expiresAt: Number(LastEvaluatedKey[sortKey.name]),
        prefix: String(LastEvaluatedKey[KEY_ATTRIBUTE]),
      },
    };
  }

  /** The position of a look-out, or `undefined` before its first run. */
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
