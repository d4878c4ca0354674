import { setTimeout as delay } from 'node:timers/promises';
import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE, type KeyEvent } from '../domain/key-events.ts';

/** EventBridge takes no more at once. An event has less than 8 kB, so their size is no matter. */
const MAX_ENTRIES = 10;

/** Pauses before each attempt at the events that EventBridge has not taken of a request. */
const PAUSES_MS = [0, 100, 400];

/** EventBridge did not take an event, however often it was asked. */
export class NotPublishedError extends Error {
  override readonly name = 'NotPublishedError';
  /** How many events before the first of these were taken, all of them. */
  readonly published: number;

  constructor(published: number, cause: unknown) {
    super(`EventBridge does not take events: ${String(cause)}`, { cause });
    this.published = published;
  }
}

/**
 * Puts events on the bus, in their order. Some may be put there twice, by the same `eventId`: where an answer was
 * lost, or where one of them was not taken and the caller begins again.
 *
 * @throws {NotPublishedError} if one is not taken
 */
export type Publish = (events: readonly KeyEvent[]) => Promise<void>;

export function createPublisher(client: EventBridgeClient, eventBusName: string): Publish {
  return async (events) => {
    for (let start = 0; start < events.length; start += MAX_ENTRIES) {
      let rest = events.slice(start, start + MAX_ENTRIES).map((event, offset) => ({ event, at: start + offset }));
      let cause: unknown;
      for (const pause of PAUSES_MS) {
        await delay(pause);
        try {
          const { Entries = [] } = await client.send(
            new PutEventsCommand({ Entries: rest.map(({ event }) => entryOf(event, eventBusName)) }),
          );
          // Answers are in the order of the entries; what has none counts as not taken.
          const refused = rest.filter((_, index) => Entries[index]?.EventId === undefined);
          cause = Entries.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode ?? 'no answer to an entry';
          rest = refused;
        } catch (error) {
          cause = error;
        }
        if (rest.length === 0) break;
      }
      const [first] = rest;
      if (first !== undefined) throw new NotPublishedError(first.at, cause);
    }
  };
}

function entryOf({ type, detail }: KeyEvent, eventBusName: string) {
  return { EventBusName: eventBusName, Source: EVENT_SOURCE, DetailType: type, Detail: JSON.stringify(detail) };
}
