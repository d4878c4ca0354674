import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { eventsOfChange, limitEvent, type KeyEvent, type LimitReached } from '../domain/key-events.ts';
import type { KeyStore } from '../store/key-store.ts';
import { againFrom, changeIn, itemIn } from '../stream/changes.ts';
import { NotPublishedError, type Publish } from './publisher.ts';

export interface PublishChangesDependencies {
  readonly publish: Publish;
  readonly keys: Pick<KeyStore, 'get'>;
  readonly label: string;
}

/**
 * Publishes what the streams of the keys' and the limiter's table say. From the first record on whose events were
 * not taken, Lambda delivers everything again: nothing is left out, and some of it is published twice.
 */
export function createChangePublisher({ publish, keys, label }: PublishChangesDependencies) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const events: { readonly record: DynamoDBRecord; readonly event: KeyEvent }[] = [];
    let unread: DynamoDBRecord | undefined;
    for (const record of Records) {
      try {
        events.push(...(await eventsOf(record)).map((event) => ({ record, event })));
      } catch (error) {
        complain(error);
        unread = record;
        break;
      }
    }
    try {
      await publish(events.map(({ event }) => event));
    } catch (error) {
      if (!(error instanceof NotPublishedError)) throw error;
      complain(error);
      unread = events[error.published]?.record;
    }
    return unread === undefined ? { batchItemFailures: [] } : againFrom(unread);
  };

  async function eventsOf(record: DynamoDBRecord): Promise<KeyEvent[]> {
    const reached = limitReachedIn(record);
    if (reached !== undefined) {
      const key = await keys.get(reached.keyId);
      return key?.label === label ? [limitEvent(key, reached)] : [];
    }
    const change = changeIn(record);
    return (change.after ?? change.before)?.label === label ? eventsOfChange(change) : [];
  }
}

/** The note of a limit that was reached, if the record is of one that was written. */
function limitReachedIn({ dynamodb }: DynamoDBRecord): LimitReached | undefined {
  const image = dynamodb?.NewImage;
  return image?.['limit'] === undefined ? undefined : (itemIn(image) as unknown as LimitReached);
}

function complain(error: unknown): void {
  console.error(JSON.stringify({ level: 'ERROR', message: 'changes not published', error: String(error) }));
}
