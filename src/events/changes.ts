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

/** What happened to one key's record. Neither image: an item that is no key. */
export interface Change {
  /** Names the change: the same if it is delivered again. */
  readonly id: string;
  readonly before?: StoredKey | undefined;
  readonly after?: StoredKey | undefined;
  /** When it was made, in milliseconds since the epoch; to the second. */
  readonly at: number;
}

/**
 * Handles the changes of a batch one after another, all of them: one that fails holds up no other. Lambda is told the
 * first that has failed, and delivers that one and what follows it again. So it is for who may be given a change twice, and
 * in any order. Only a damaged one is left out.
 */
export async function forEachChange(
  { Records }: DynamoDBStreamEvent,
  handle: (change: Change) => Promise<void>,
): Promise<DynamoDBBatchResponse> {
  let failed: DynamoDBRecord | undefined;
  for (const record of Records) {
    const change = unlessDamaged(keyIdIn(record), () => changeIn(record));
    if (change === undefined) continue;
    try {
      await handle(change);
    } catch (error) {
      const keyId = keyIdIn(record);
      logger.error('change not handled', { keyId, error: String(error) });
      failed ??= record;
    }
  }
  return failed === undefined ? { batchItemFailures: [] } : againFrom(failed);
}

/** Has Lambda deliver a record, and what follows it, once more. */
export function againFrom({ dynamodb }: DynamoDBRecord): DynamoDBBatchResponse {
  return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? '' }] };
}

/**
 * What `read` makes of an item. Of a damaged one, which somebody has edited by hand, nothing: the log says which it is. To
 * read it again would not mend it, and would hold up all that comes after it.
 *
 * @param read without I/O
 */
export function unlessDamaged<Read>(keyId: string | undefined, read: () => Read): Read | undefined {
  try {
    return read();
  } catch (error) {
    logger.error('damaged item skipped', { keyId, error: String(error) });
    return undefined;
  }
}

/** The key that a record of the keys' stream is of. */
export function keyIdIn({ dynamodb }: DynamoDBRecord): string | undefined {
  return dynamodb?.Keys?.[KEY_ATTRIBUTE]?.S;
}

/** What a record of the keys' stream says. */
export function changeIn({ eventID = '', dynamodb = {} }: DynamoDBRecord): Change {
  return {
    id: eventID,
    before: recordIn(dynamodb.OldImage),
    after: recordIn(dynamodb.NewImage),
    at: (dynamodb.ApproximateCreationDateTime ?? 0) * 1000,
  };
}

/** An item in a record, as Lambda writes it. */
export type Image = Readonly<Record<string, StreamValue>>;

/** An image as plain data. */
export function itemIn(image: Image): Item {
  // Lambda writes binary as base64 text, where the SDK's type has bytes; our tables hold neither.
  return unmarshall(image as Parameters<typeof unmarshall>[0], NUMBERS_OF_ANY_SIZE);
}

/** The item as a record; an item without a label is no key. */
function recordIn(image: Image | undefined): StoredKey | undefined {
  return image?.['label'] === undefined ? undefined : fromItem(itemIn(image));
}
