import type { StoredDigest } from '../../core/keys/digest.ts';
import type { OwnerRecord } from '../../core/keys/owner.ts';
import type { EpochMs } from '../../core/keys/record.ts';
import { replaceDigestExpression, touchExpression } from '../expressions.ts';
import { fromItem, ownerFromItem, type Item } from '../item.ts';
import type { KeyReader, OwnerReader, ReadOptions, StoredKey } from '../key-store.ts';
import { KEY_ATTRIBUTE, ownerItemKey } from '../table.ts';
import { fromValues, readItem, type Attributes } from './attribute-value.ts';
import type { CredentialSource } from './credentials.ts';
import { DynamoApi } from './dynamo-api.ts';
import { DynamoError } from './dynamo-error.ts';
import type { Endpoint } from './endpoint.ts';

/** Decoded if there is no item, so that the time tells less about which prefixes exist. */
const STAND_IN: Attributes = {
  ...fromValues({ prefix: '-', label: '-', digest: '-', name: '-', ownerId: '-', nameKey: '-', ownerKey: '-' }),
  ...fromValues({ createdAt: 1, lastUsedAt: 1, version: 1 }),
  scopes: { L: [{ S: '-' }] },
  metadata: { M: fromValues({ a: '-', b: 1 }) },
};

/**
 * Reads keys and owners for the authorizer, without the SDK's DynamoDB client: with it, a decision takes four times the CPU
 * time, and a cold start takes four times as long (docs/performance.md). One contract suite tests this class and
 * `DynamoKeyStore`.
 */
export class FastKeyReader implements KeyReader, OwnerReader {
  readonly #tableName: string;
  readonly #dynamo: DynamoApi;

  /**
   * @example
   * new FastKeyReader({ tableName, endpoint: await endpointFrom(process.env), credentials: lambdaCredentials(process.env) });
   */
  constructor(options: { tableName: string; endpoint: Endpoint; credentials: CredentialSource }) {
    this.#tableName = options.tableName;
    this.#dynamo = new DynamoApi(options.endpoint, options.credentials);
  }

  async get(prefix: string, options?: ReadOptions): Promise<StoredKey | undefined> {
    const item = await this.#item(prefix, options);
    const record = fromItem(item ?? readItem(STAND_IN));
    return item && record;
  }

  async getOwner(label: string, ownerId: string, options?: ReadOptions): Promise<OwnerRecord | undefined> {
    const item = await this.#item(ownerItemKey(label, ownerId), options);
    return item && ownerFromItem(item);
  }

  async #item(key: string, { consistent = false, timeoutMs }: ReadOptions = {}): Promise<Item | undefined> {
    const { Item } = await this.#dynamo.call('GetItem', { ...this.#at(key), ConsistentRead: consistent }, timeoutMs);
    return Item === undefined ? undefined : readItem(Item as Attributes);
  }

  touch(prefix: string, now: EpochMs, intervalMs: number): Promise<void> {
    return this.#updateIfDue(prefix, touchExpression(now, intervalMs));
  }

  replaceDigest(prefix: string, from: StoredDigest, to: StoredDigest): Promise<void> {
    return this.#updateIfDue(prefix, replaceDigestExpression(from, to));
  }

  async #updateIfDue(
    prefix: string,
    { ExpressionAttributeValues, ...expression }: ReturnType<typeof touchExpression | typeof replaceDigestExpression>,
  ): Promise<void> {
    const values = fromValues(ExpressionAttributeValues);
    try {
      await this.#dynamo.call('UpdateItem', { ...this.#at(prefix), ...expression, ExpressionAttributeValues: values });
    } catch (error) {
      // Another environment was first, or TTL has removed the key. In both cases, no write is needed.
      if (!(error instanceof DynamoError && error.name === 'ConditionalCheckFailedException')) throw error;
    }
  }

  #at(prefix: string) {
    return { TableName: this.#tableName, Key: { [KEY_ATTRIBUTE]: { S: prefix } } };
  }
}
