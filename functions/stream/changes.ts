import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue as StreamValue, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { fromItem } from '../store/item.ts';
import type { StoredKey } from '../store/key-store.ts';

/** What happened to one key's record. Neither image: an item that is no key. */
export interface Change {
  readonly before?: StoredKey | undefined;
  readonly after?: StoredKey | undefined;
}

/**
 * Handles the changes of a batch one after another, in their order. The first that fails ends it: Lambda delivers
 * that one and what follows again, so nothing is left out and a key's changes stay in order.
 */
export async function forEachChange(
  { Records }: DynamoDBStreamEvent,
  handle: (change: Change) => Promise<void>,
): Promise<DynamoDBBatchResponse> {
  for (const { dynamodb = {} } of Records) {
    const change: Change = { before: recordIn(dynamodb.OldImage), after: recordIn(dynamodb.NewImage) };
    try {
      await handle(change);
    } catch (error) {
      const keyId = change.after?.prefix ?? change.before?.prefix;
      console.error(JSON.stringify({ level: 'ERROR', message: 'change not handled', keyId, error: String(error) }));
      return { batchItemFailures: [{ itemIdentifier: dynamodb.SequenceNumber ?? '' }] };
    }
  }
  return { batchItemFailures: [] };
}

/** The item as a record; an item without a label is no key. */
function recordIn(image: Record<string, StreamValue> | undefined): StoredKey | undefined {
  if (image?.['label'] === undefined) return undefined;
  // Lambda writes binary as base64 text, where the SDK's type has bytes; a record holds neither.
  return fromItem(unmarshall(image as Parameters<typeof unmarshall>[0]));
}
