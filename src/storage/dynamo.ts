import { setTimeout as delay } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { StoredDigest } from '../core/keys/digest.ts';
import { isSuspended, type OwnerRecord } from '../core/keys/owner.ts';
import type { EpochMs, KeyRecord, KeyStatus } from '../core/keys/record.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import {
  STARTS_BEFORE_NEW_EXPIRY,
  changeExpression,
  conditionOn,
  EXPIRES_AFTER_NEW_START,
  KEY_EXISTS,
  KEY_FREE,
  replaceDigestExpression,
  resumeExpression,
  suspendExpression,
  touchExpression,
} from './expressions.ts';
import { fromItem, ownerFromItem, toItem, ttlOf, type Item } from './item.ts';
import type {
  CreateOutcome,
  DisableOutcome,
  Disabling,
  EnableOutcome,
  KeyChanges,
  KeyPage,
  KeyStore,
  ListQuery,
  OwnerChange,
  ReadOptions,
  ResumeOutcome,
  RevokeOutcome,
  RotateOutcome,
  StoredKey,
  SuspendOutcome,
  UpdateOutcome,
} from './key-store.ts';
import { planList } from './list-plan.ts';
import { KEY_ATTRIBUTE, nameKey, ownerItemKey } from './table.ts';

/** The cursor of a list is invalid, or is from a list of another kind. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
}

/** The most index entries that one filtered page reads. After that, the page is returned with a cursor. */
const FILTER_BUDGET = { queries: 5, entriesPerQuery: 1000 };

/** Pauses before each attempt to read a batch, or the keys of it that DynamoDB has not processed. */
const BATCH_PAUSES_MS = [0, 50, 200, 800];

/** Pauses before a retry of a change that conflicts with a rotation of the same key. The SDK does not retry it. */
const CONFLICT_PAUSES_MS = [20, 60, 180];

/** Removes what a disabled key has more than others. */
const NOT_DISABLED = { disabledAt: null, disabledBy: null, disabledReason: null };

/** Keys in a DynamoDB table with the schema of `table.ts`. */
export class DynamoKeyStore implements KeyStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #retentionSeconds: number;

  /** @param options.retentionSeconds how long an expired or revoked key is kept before TTL removes it */
  constructor(options: { client: DynamoDBDocumentClient; tableName: string; retentionSeconds: number }) {
    this.#client = options.client;
    this.#tableName = options.tableName;
    this.#retentionSeconds = options.retentionSeconds;
  }

  async get(prefix: string, options?: ReadOptions): Promise<StoredKey | undefined> {
    const item = await this.#item(prefix, options);
    return item && fromItem(item);
  }

  async getOwner(label: string, ownerId: string, options?: ReadOptions): Promise<OwnerRecord | undefined> {
    const item = await this.#item(ownerItemKey(label, ownerId), options);
    return item && ownerFromItem(item);
  }

  async #item(key: string, { consistent = false, timeoutMs }: ReadOptions = {}): Promise<Item | undefined> {
    const { Item } = await this.#client.send(
      new GetCommand({ ...this.#at(key), ConsistentRead: consistent }),
      timeoutMs === undefined ? {} : { abortSignal: AbortSignal.timeout(timeoutMs) },
    );
    return Item;
  }

  async create(record: StoredKey): Promise<CreateOutcome> {
    try {
      await this.#client.send(new PutCommand(this.#put(record)));
      return { outcome: 'stored', record };
    } catch (error) {
      return { outcome: 'prefix_taken', record: conflictingRecord(error) };
    }
  }

  async getAll(prefixes: readonly string[]): Promise<StoredKey[]> {
    const found = new Map<string, StoredKey>();
    let keys: Item[] = prefixes.map((prefix) => ({ [KEY_ATTRIBUTE]: prefix }));
    for (const pause of BATCH_PAUSES_MS) {
      if (keys.length === 0) break;
      await delay(pause);
      const RequestItems = { [this.#tableName]: { Keys: keys, ConsistentRead: true } };
      const response = await this.#client.send(new BatchGetCommand({ RequestItems }));
      for (const item of response.Responses?.[this.#tableName] ?? [])
        found.set(String(item[KEY_ATTRIBUTE]), fromItem(item));
      keys = response.UnprocessedKeys?.[this.#tableName]?.Keys ?? [];
    }
    if (keys.length > 0) throw new Error('DynamoDB throttled the read of a batch of keys; try again');
    return prefixes.flatMap((prefix) => found.get(prefix) ?? []);
  }

  async list(query: ListQuery, now: EpochMs): Promise<KeyPage> {
    const { index, partition, expression } = planList(query, now);
    const sortKey = index.sortKey.name;
    const filtered = expression.FilterExpression !== undefined;

    const entries: Item[] = [];
    let next: Item | undefined;
    if (query.cursor !== undefined) {
      const start = decodeCursor(query.cursor, index.sortKey.type);
      if (start === undefined) throw new InvalidCursorError('not a cursor of this list');
      next = { [index.partitionKey]: partition, [sortKey]: start.sortKey, [KEY_ATTRIBUTE]: start.prefix };
    }
    for (let queries = 0; queries < FILTER_BUDGET.queries; queries++) {
      const command = new QueryCommand({
        TableName: this.#tableName,
        IndexName: index.name,
        ...expression,
        ScanIndexForward: sortKey === 'nameKey',
        Limit: filtered ? FILTER_BUDGET.entriesPerQuery : query.limit,
        ExclusiveStartKey: next,
      });
      const response = await this.#client.send(command).catch((error: unknown) => {
        // For example, the cursor of a search for another name is outside the range of this query.
        if (query.cursor !== undefined && String(error).includes('starting key'))
          throw new InvalidCursorError('a cursor of another list', { cause: error });
        throw error;
      });
      entries.push(...(response.Items ?? []));
      next = response.LastEvaluatedKey;
      if (next === undefined || entries.length >= query.limit) break;
    }

    const page = entries.slice(0, query.limit);
    const last = entries.length > query.limit ? page.at(-1) : next;
    const records = await this.getAll(page.map((entry) => String(entry[KEY_ATTRIBUTE])));
    return {
      records: records.filter((record) => matchesStatus(record, query.status)),
      cursor: last && encodeCursor({ sortKey: last[sortKey] as string | number, prefix: String(last[KEY_ATTRIBUTE]) }),
    };
  }

  async update(prefix: string, changes: KeyChanges, ifVersion?: number): Promise<UpdateOutcome> {
    const { name, expiresAt, notBefore } = changes;
    const conditions = [KEY_EXISTS, 'attribute_not_exists(revokedAt)'];
    // A rotation sets the final expiry of the old key. Only a revocation can end it sooner.
    if (expiresAt !== undefined) conditions.push('attribute_not_exists(replacedBy)');
    // If both times are given, the caller has compared them.
    if (typeof expiresAt === 'number' && notBefore === undefined) conditions.push(STARTS_BEFORE_NEW_EXPIRY);
    if (typeof notBefore === 'number' && expiresAt === undefined) conditions.push(EXPIRES_AFTER_NEW_START);
    if (ifVersion !== undefined) conditions.push('#version = :ifVersion');
    try {
      const record = await this.#change(
        prefix,
        {
          ...changes,
          nameKey: name === undefined ? undefined : nameKey(name),
          ttl: typeof expiresAt === 'number' ? ttlOf({ expiresAt }, this.#retentionSeconds) : expiresAt,
        },
        conditions,
        ifVersion === undefined ? {} : { ':ifVersion': ifVersion },
      );
      return { outcome: 'updated', record };
    } catch (error) {
      const record = conflictingRecord(error, 'optional');
      if (record === undefined) return { outcome: 'not_found' };
      if (record.revokedAt !== undefined) return { outcome: 'revoked', record };
      if (ifVersion !== undefined && record.version !== ifVersion) return { outcome: 'version_conflict', record };
      const isReplaced = expiresAt !== undefined && record.replacedBy !== undefined;
      return { outcome: isReplaced ? 'replaced' : 'never_valid', record };
    }
  }

  async rotate(old: KeyRecord, successor: StoredKey, endsAt: EpochMs): Promise<RotateOutcome> {
    const change = changeExpression({
      replacedBy: successor.prefix,
      expiresAt: endsAt,
      ttl: ttlOf({ expiresAt: endsAt }, this.#retentionSeconds),
    });
    try {
      await this.#client.send(
        new TransactWriteCommand({
          TransactItems: [
            { Put: this.#put(successor) },
            {
              Update: {
                ...this.#at(old.prefix),
                ...change,
                ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':seen': old.version },
                ...conditionOn(KEY_EXISTS, '#version = :seen'),
              },
            },
          ],
        }),
      );
      return { outcome: 'stored', record: successor };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const [putFailure, updateFailure] = error.CancellationReasons ?? [];
      if (putFailure?.Code === 'ConditionalCheckFailed' && putFailure.Item !== undefined) {
        return { outcome: 'prefix_taken', record: fromItem(unmarshall(putFailure.Item)) };
      }
      const raced = [putFailure?.Code, updateFailure?.Code].some(
        (code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict',
      );
      if (raced) return { outcome: 'changed' };
      throw error;
    }
  }

  async revoke(prefix: string, reason: string | undefined, now: EpochMs): Promise<RevokeOutcome> {
    const ttl = ttlOf({ revokedAt: now }, this.#retentionSeconds);
    const changes = { ...NOT_DISABLED, revokedAt: now, revokedReason: reason, ttl };
    try {
      const record = await this.#change(prefix, changes, [KEY_EXISTS, 'attribute_not_exists(revokedAt)']);
      return { outcome: 'revoked', record };
    } catch (error) {
      const record = conflictingRecord(error, 'optional');
      return record === undefined ? { outcome: 'not_found' } : { outcome: 'already_revoked', record };
    }
  }

  async disable(prefix: string, { at, by, reason }: Disabling): Promise<DisableOutcome> {
    const changes = { disabledAt: at, disabledBy: by, disabledReason: reason };
    try {
      const conditions = [KEY_EXISTS, 'attribute_not_exists(revokedAt)', 'attribute_not_exists(disabledAt)'];
      return { outcome: 'disabled', record: await this.#change(prefix, changes, conditions) };
    } catch (error) {
      const record = conflictingRecord(error, 'optional');
      if (record === undefined) return { outcome: 'not_found' };
      return { outcome: record.revokedAt === undefined ? 'already_disabled' : 'revoked', record };
    }
  }

  async enable(prefix: string): Promise<EnableOutcome> {
    try {
      const conditions = [KEY_EXISTS, 'attribute_exists(disabledAt)'];
      return { outcome: 'enabled', record: await this.#change(prefix, NOT_DISABLED, conditions) };
    } catch (error) {
      const record = conflictingRecord(error, 'optional');
      if (record === undefined) return { outcome: 'not_found' };
      return { outcome: record.revokedAt === undefined ? 'already_enabled' : 'revoked', record };
    }
  }

  async suspendOwner(change: OwnerChange, reason: string | undefined): Promise<SuspendOutcome> {
    const { found, owner } = await this.#changeOwner(change, suspendExpression(change, reason));
    if (owner === undefined) throw new Error('DynamoDB returned no item for a suspended owner');
    return { outcome: found ? 'already_suspended' : 'suspended', owner };
  }

  async resumeOwner(change: OwnerChange): Promise<ResumeOutcome> {
    const ttl = Math.ceil(change.at / 1000) + this.#retentionSeconds;
    const { found, owner } = await this.#changeOwner(change, resumeExpression(change, ttl));
    if (owner === undefined) return { outcome: 'not_suspended' };
    // The SDK retries if a response is lost. The owner can have been resumed by the first attempt of this call.
    const isOurs = !isSuspended(owner) && owner.resumedAt === change.at && owner.resumedBy === change.by;
    return found && !isOurs ? { outcome: 'not_suspended' } : { outcome: 'resumed', owner };
  }

  /** @returns the owner's record, and `found: true` if it was in the wanted state before */
  async #changeOwner(
    { label, ownerId }: OwnerChange,
    expression: ReturnType<typeof suspendExpression>,
  ): Promise<{ found: boolean; owner: OwnerRecord | undefined }> {
    try {
      const { Attributes = {} } = await this.#client.send(
        new UpdateCommand({ ...this.#at(ownerItemKey(label, ownerId)), ...expression, ReturnValues: 'ALL_NEW' }),
      );
      return { found: false, owner: ownerFromItem(Attributes) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { found: true, owner: error.Item && ownerFromItem(unmarshall(error.Item)) };
    }
  }

  touch(prefix: string, now: EpochMs, intervalMs: number): Promise<void> {
    return this.#updateIfDue(prefix, touchExpression(now, intervalMs));
  }

  replaceDigest(prefix: string, from: StoredDigest, to: StoredDigest): Promise<void> {
    return this.#updateIfDue(prefix, replaceDigestExpression(from, to));
  }

  async #updateIfDue(
    prefix: string,
    expression: ReturnType<typeof touchExpression | typeof replaceDigestExpression>,
  ): Promise<void> {
    try {
      await this.#client.send(new UpdateCommand({ ...this.#at(prefix), ...expression }));
    } catch (error) {
      // Another execution environment was first, or TTL has removed the key. No write is needed.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  #at(prefix: string) {
    return { TableName: this.#tableName, Key: { [KEY_ATTRIBUTE]: prefix } };
  }

  #put(record: StoredKey) {
    return { TableName: this.#tableName, Item: toItem(record, this.#retentionSeconds), ...conditionOn(KEY_FREE) };
  }

  async #change(
    prefix: string,
    changes: Record<string, unknown>,
    conditions: string[],
    conditionValues: Record<string, unknown> = {},
  ): Promise<StoredKey> {
    const change = changeExpression(changes);
    const command = new UpdateCommand({
      ...this.#at(prefix),
      ...change,
      ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ...conditionValues },
      ...conditionOn(...conditions),
      ReturnValues: 'ALL_NEW',
    });
    for (const pause of CONFLICT_PAUSES_MS) {
      try {
        const { Attributes = {} } = await this.#client.send(command);
        return fromItem(Attributes);
      } catch (error) {
        if (!(error instanceof TransactionConflictException)) throw error;
        await delay(pause);
      }
    }
    const { Attributes = {} } = await this.#client.send(command);
    return fromItem(Attributes);
  }
}

/** Checks the part of a list's status that the indexes do not have. */
function matchesStatus({ disabledAt }: StoredKey, status: KeyStatus | undefined): boolean {
  if (status === 'disabled') return disabledAt !== undefined;
  return status !== 'active' || disabledAt === undefined;
}

/**
 * Returns the record because of which a condition failed. With `optional`, returns `undefined` if there is no record.
 *
 * @throws the error itself, if it has another cause
 */
function conflictingRecord(error: unknown): StoredKey;
function conflictingRecord(error: unknown, presence: 'optional'): StoredKey | undefined;
function conflictingRecord(error: unknown, presence?: 'optional'): StoredKey | undefined {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
  if (error.Item !== undefined) return fromItem(unmarshall(error.Item));
  if (presence === undefined) throw error;
  return undefined;
}
