import { unmarshall } from '@aws-sdk/util-dynamodb';
import type {
  AttributeValue as StreamValue,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
} from 'aws-lambda';
import { logger } from '../logging/logger.ts';
import { NUMBERS_OF_ANY_SIZE } from '../storage/client.ts';
import { fromItem, type Item } from '../storage/item.ts';
import type { StoredKey } from '../storage/key-store.ts';
import { KEY_ATTRIBUTE } from '../storage/table.ts';

/** A change of a key's record. An item that is not a key has neither `before` nor `after`. */
export interface Change {
  /** Identifies the change. A redelivered change has the same id. */
  readonly id: string;
  readonly before?: StoredKey | undefined;
  readonly after?: StoredKey | undefined;
  /** The time of the change, in milliseconds since the epoch. DynamoDB gives it to the second. */
  readonly at: number;
}

/**
 * Handles all changes of a batch in sequence. A change that fails does not stop the others, and damaged items are skipped.
 * Lambda redelivers the first failed change and all later ones, so `handle` must accept repeated changes, and changes in any
 * order.
 */
export async function handleChanges(
  { Records }: DynamoDBStreamEvent,
  handle: (change: Change) => Promise<void>,
): Promise<DynamoDBBatchResponse> {
  let failed: DynamoDBRecord | undefined;
  for (const record of Records) {
    const change = skipIfDamaged(keyIdIn(record), () => changeIn(record));
    if (change === undefined) continue;
    try {
      await handle(change);
    } catch (error) {
      const keyId = keyIdIn(record);
      logger.error('change not handled', { keyId, error: String(error) });
      failed ??= record;
    }
  }
  return failed === undefined ? { batchItemFailures: [] } : retryFrom(failed);
}

/** Returns the result that makes Lambda redeliver this record and all later ones. */
export function retryFrom({ dynamodb }: DynamoDBRecord): DynamoDBBatchResponse {
  return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? '' }] };
}

/**
 * Returns the result of `read`. If `read` throws, the item is damaged, for example because it was edited by hand. Then this
 * logs its key ID and returns `undefined`, because a retry would fail again and delay all later changes.
 *
 * @param read must not do I/O
 */
export function skipIfDamaged<Result>(keyId: string | undefined, read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    logger.error('damaged item skipped', { keyId, error: String(error) });
    return undefined;
  }
}

/** Returns the key ID of a record of the keys table's stream. */
export function keyIdIn({ dynamodb }: DynamoDBRecord): string | undefined {
  return dynamodb?.Keys?.[KEY_ATTRIBUTE]?.S;
}

/** Returns the change in a record of the keys table's stream. */
export function changeIn({ eventID = '', dynamodb = {} }: DynamoDBRecord): Change {
  return {
    id: eventID,
    before: recordIn(dynamodb.OldImage),
    after: recordIn(dynamodb.NewImage),
    at: (dynamodb.ApproximateCreationDateTime ?? 0) * 1000,
  };
}

/** An item in the form that Lambda gives it in a stream record. */
export type Image = Readonly<Record<string, StreamValue>>;

/** Returns an image as plain data. */
export function itemIn(image: Image): Item {
  // The types differ only in binary values, which Lambda encodes in base64. The tables have no binary values.
  return unmarshall(image as Parameters<typeof unmarshall>[0], NUMBERS_OF_ANY_SIZE);
}

/** Returns the record of an item, or `undefined` if the item has no label, which means that it is not a key. */
function recordIn(image: Image | undefined): StoredKey | undefined {
  return image?.['label'] === undefined ? undefined : fromItem(itemIn(image));
}
