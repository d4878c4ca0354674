import { GetCommand, QueryCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { EpochMs } from '../core/keys/record.ts';
import { BY_EXPIRY, KEY_ATTRIBUTE, expiryPositionKey } from '../storage/table.ts';

/** A position in the keys of a label by expiry: after all keys up to `expiresAt` or, with a prefix, after that key. */
export interface ExpiryPosition {
  readonly expiresAt: EpochMs;
  readonly prefix?: string | undefined;
  /** The last large advance of a run, which was either late or had a clock that was ahead. */
  readonly jump?: { readonly from: EpochMs; readonly to: EpochMs } | undefined;
}

export interface ExpiryPage {
  /** The keys in the order of the index, with their expiry in the index, which can be outdated. */
  readonly keys: readonly (ExpiryPosition & { readonly prefix: string })[];
  /** Where to continue. `undefined` after the last page. */
  readonly next?: ExpiryPosition | undefined;
}

/** The keys of one label by expiry, and the position of each kind of announcement. */
export class ExpiryStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #label: string;

  constructor(options: { client: DynamoDBDocumentClient; tableName: string; label: string }) {
    this.#client = options.client;
    this.#tableName = options.tableName;
    this.#label = options.label;
  }

  /** Returns at most 100 keys that are not revoked and expire after `after`, up to `until`, earliest first. */
  async page(after: ExpiryPosition, until: EpochMs): Promise<ExpiryPage> {
    const { name, partitionKey, sortKey } = BY_EXPIRY;
    // With a prefix, there can be more keys with the same expiry.
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
        // DynamoDB reads at most 100 records in one batch.
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

  /** Returns the position of a kind of announcement, such as `7d`, or `undefined` before its first run. */
  async position(kind: string): Promise<ExpiryPosition | undefined> {
    const { Item } = await this.#client.send(new GetCommand({ ...this.#positions(), ConsistentRead: true }));
    return Item?.[kind] as ExpiryPosition | undefined;
  }

  async moveTo(kind: string, position: ExpiryPosition): Promise<void> {
    await this.#client.send(
      new UpdateCommand({
        ...this.#positions(),
        UpdateExpression: 'SET #kind = :position',
        ExpressionAttributeNames: { '#kind': kind },
        ExpressionAttributeValues: { ':position': position },
      }),
    );
  }

  #positions() {
    return { TableName: this.#tableName, Key: { [KEY_ATTRIBUTE]: expiryPositionKey(this.#label) } };
  }
}
