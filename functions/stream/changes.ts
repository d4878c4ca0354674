import { unmarshall } from '@aws-sdk/util-dynamodb';
import type {
  AttributeValue as StreamValue,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
} from 'aws-lambda';
import { fromItem, type Item } from '../store/item.ts';
import type { StoredKey } from '../store/key-store.ts';

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
 * Handles the changes of a batch one after another, in their order. The first that fails ends it: Lambda delivers
 * that one and what follows again, so nothing is left out and a key's changes stay in order.
 */
export async function forEachChange(
  { Records }: DynamoDBStreamEvent,
  handle: (change: Change) => Promise<void>,
): Promise<DynamoDBBatchResponse> {
  for (const record of Records) {
    const change = changeIn(record);
    try {
      await handle(change);
    } catch (error) {
      const keyId = change.after?.prefix ?? change.before?.prefix;
      console.error(JSON.stringify({ level: 'ERROR', message: 'change not handled', keyId, error: String(error) }));
      return againFrom(record);
    }
  }
  return { batchItemFailures: [] };
}

/** Has Lambda deliver a record, and what follows it, once more. */
export function againFrom({ dynamodb }: DynamoDBRecord): DynamoDBBatchResponse {
  return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? '' }] };
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

/** An image as plain data. */
export function itemIn(image: Record<string, StreamValue>): Item {
  // Lambda writes binary as base64 text, where the SDK's type has bytes; our tables hold neither.
  return unmarshall(image as Parameters<typeof unmarshall>[0]);
}

/** The item as a record; an item without a label is no key. */
function recordIn(image: Record<string, StreamValue> | undefined): StoredKey | undefined {
  return image?.['label'] === undefined ? undefined : fromItem(itemIn(image));
}
