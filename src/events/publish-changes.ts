import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { eventsOfChange, limitEvent, type KeyEvent, type LimitReached } from '../gateway/key-events.ts';
import { logger } from '../logging/logger.ts';
import type { KeyStore } from '../storage/key-store.ts';
import { retryFrom, changeIn, itemIn, keyIdIn, skipIfDamaged, type Image } from './changes.ts';
import { NotPublishedError, type Publish } from './publisher.ts';
import { DAMAGED_ITEM, type SetAside } from './set-aside.ts';

export interface PublishChangesDependencies {
  readonly publish: Publish;
  readonly setAside: SetAside;
  readonly keys: Pick<KeyStore, 'get'>;
  readonly label: string;
}

/**
 * Returns a handler that publishes the changes in the streams of the keys table and the limiter's table. Events that
 * EventBridge rejects, and damaged items, are set aside. If EventBridge or the table is unavailable, Lambda redelivers the
 * first failed record and all later ones, so some events can be published twice.
 */
export function createChangePublisher({ publish, setAside, keys, label }: PublishChangesDependencies) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const events: { readonly record: DynamoDBRecord; readonly event: KeyEvent }[] = [];
    let unread: DynamoDBRecord | undefined;
    for (const record of Records) {
      try {
        events.push(...(await eventsOf(record)).map((event) => ({ record, event })));
      } catch (error) {
        logFailure(error);
        unread = record;
        break;
      }
    }
    try {
      await publish(events.map(({ event }) => event));
    } catch (error) {
      if (!(error instanceof NotPublishedError)) throw error;
      logFailure(error);
      unread = events[error.published]?.record;
    }
    return unread === undefined ? { batchItemFailures: [] } : retryFrom(unread);
  };

  async function eventsOf(record: DynamoDBRecord): Promise<KeyEvent[]> {
    const note = record.dynamodb?.NewImage;
    return note?.['limit'] === undefined ? ofChange(record) : ofLimitNote(note);
  }

  async function ofChange(record: DynamoDBRecord): Promise<KeyEvent[]> {
    const keyId = keyIdIn(record);
    const events = skipIfDamaged(keyId, () => {
      const change = changeIn(record);
      return (change.after ?? change.before)?.label === label ? eventsOfChange(change) : [];
    });
    return events ?? damaged(keyId);
  }

  async function ofLimitNote(note: Image): Promise<KeyEvent[]> {
    const keyId = note['keyId']?.S;
    const reached = skipIfDamaged(keyId, () => limitReachedIn(note));
    if (reached === undefined) return damaged(keyId);
    const key = await keys.get(reached.keyId);
    if (key?.label !== label) return [];
    const event = skipIfDamaged(keyId, () => limitEvent(key, reached));
    return event === undefined ? damaged(keyId) : [event];
  }

  async function damaged(keyId = 'unknown'): Promise<KeyEvent[]> {
    await setAside({ code: DAMAGED_ITEM, keyId });
    return [];
  }
}

/** Parses an item in which the limiter noted that a key reached a limit. */
function limitReachedIn(note: Image): LimitReached {
  return itemIn(note) as unknown as LimitReached;
}

function logFailure(error: unknown): void {
  logger.error('changes not published', { error: String(error) });
}
