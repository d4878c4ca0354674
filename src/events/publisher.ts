import { setTimeout as delay } from 'node:timers/promises';
import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE, type KeyEvent } from '../gateway/key-events.ts';
import { followsSchema } from './schemas.ts';
import { DAMAGED_ITEM, type SetAside } from './set-aside.ts';

/** The maximum number of entries in one `PutEvents` request. Events are below 8 kB, so the size limit can't be reached. */
export const MAX_ENTRIES = 10;

/** Pauses before each attempt to publish the events of a request. */
const PAUSES_MS = [0, 100, 400];

/** Pauses before further attempts at events that EventBridge rejects while it accepts others. Then they are set aside. */
const PAUSES_BEFORE_SETTING_ASIDE_MS = [1000, 3000];

/**
 * Error codes of entries that EventBridge never accepts, and of damaged items, which are not sent to it.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
const PERMANENT_CODES = [DAMAGED_ITEM, 'MalformedDetail', 'InvalidArgument', 'ValidationException'];

/** Thrown if EventBridge is unavailable: it accepts none of the events of a request, or throttles. */
export class NotPublishedError extends Error {
  override readonly name = 'NotPublishedError';
  /** The number of events before the first one that is neither published nor set aside. */
  readonly published: number;

  constructor(published: number, cause: unknown) {
    super(`EventBridge does not accept events: ${String(cause)}`, { cause });
    this.published = published;
  }
}

/**
 * Publishes events in order. An event that EventBridge rejects while it accepts others is set aside, so that it does not
 * block the others. An event can be published twice, with the same `eventId`, if a response was lost, or if the caller
 * repeats a request that EventBridge partially accepted.
 *
 * @throws {NotPublishedError} if EventBridge is unavailable, or a rejected event can't be set aside
 */
export type Publish = (events: readonly KeyEvent[]) => Promise<void>;

/** An event that EventBridge did not accept. */
interface Rejected {
  readonly event: KeyEvent;
  /** The index of the event in the call. */
  readonly at: number;
  readonly code: string;
  /** Whether EventBridge rejected this entry, or the whole request failed. */
  readonly byEntry: boolean;
}

export function createPublisher(client: EventBridgeClient, eventBusName: string, setAside: SetAside): Publish {
  return async (events) => {
    for (let start = 0; start < events.length; start += MAX_ENTRIES) {
      const batch = events.slice(start, start + MAX_ENTRIES).map((event, offset) => ({ event, at: start + offset }));
      const valid = batch.filter(({ event }) => followsSchema(event));
      const damaged = batch.filter(({ event }) => !followsSchema(event));
      let rejected = valid.length === 0 ? [] : await attempt(valid, PAUSES_MS);
      if (rejected.length > 1 && rejected.every(isAnswered)) {
        // One event can make EventBridge reject a whole request.
        rejected = (await Promise.all(rejected.map((one) => attempt([one], [0])))).flat();
      }
      if (
        rejected.length > 0 &&
        rejected.every((one) => isItsOwnFault(one, rejected.length < valid.length, valid.length))
      )
        rejected = await attempt(rejected, PAUSES_BEFORE_SETTING_ASIDE_MS);
      const unpublishable = [...rejected, ...damaged.map((one) => ({ ...one, code: DAMAGED_ITEM, byEntry: true }))];
      for (const one of unpublishable.toSorted((first, second) => first.at - second.at)) {
        if (!isItsOwnFault(one, rejected.length < valid.length, valid.length))
          throw new NotPublishedError(one.at, one.code);
        try {
          await setAside({
            code: one.code,
            keyId: one.event.detail.data.key.keyId,
            // A damaged event may not be serializable as JSON.
            ...(one.code !== DAMAGED_ITEM && { entry: entryOf(one.event, eventBusName) }),
          });
        } catch (error) {
          throw new NotPublishedError(one.at, error);
        }
      }
    }
  };

  async function attempt(
    batch: readonly Pick<Rejected, 'event' | 'at'>[],
    pausesMs: readonly number[],
  ): Promise<Rejected[]> {
    let rest: Rejected[] = batch.map(({ event, at }) => ({ event, at, code: '', byEntry: false }));
    for (const pause of pausesMs) {
      await delay(pause);
      try {
        const { Entries = [] } = await client.send(
          new PutEventsCommand({ Entries: rest.map(({ event }) => entryOf(event, eventBusName)) }),
        );
        // The results are in the order of the entries. An entry without a result counts as rejected.
        rest = rest.flatMap((one, index) => {
          const { EventId, ErrorCode = 'no result' } = Entries[index] ?? {};
          return EventId === undefined ? [{ ...one, code: ErrorCode, byEntry: true }] : [];
        });
      } catch (error) {
        rest = rest.map((one) => ({ ...one, code: codeOf(error), byEntry: false }));
      }
      if (rest.length === 0) break;
    }
    return rest;
  }
}

/**
 * Whether EventBridge rejected an event because of its content, and not because it is unavailable or throttles.
 *
 * @param othersAccepted whether EventBridge accepted other events of the same request
 * @param together the number of events in the request
 */
function isItsOwnFault({ code, byEntry }: Rejected, othersAccepted: boolean, together: number): boolean {
  if (code.includes('Throttl')) return false;
  return (
    othersAccepted || (together === 1 && byEntry) || (PERMANENT_CODES.includes(code) && (byEntry || together === 1))
  );
}

/** Whether EventBridge rejected the whole request. Without a response, separate requests would fail, too. */
function isAnswered({ code, byEntry }: Rejected): boolean {
  return !byEntry && code !== NO_RESPONSE && !code.includes('Throttl');
}

const NO_RESPONSE = 'no response';

function codeOf(error: unknown): string {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode === undefined ? NO_RESPONSE : (name ?? 'unknown');
}

function entryOf({ type, detail }: KeyEvent, eventBusName: string) {
  return { EventBusName: eventBusName, Source: EVENT_SOURCE, DetailType: type, Detail: JSON.stringify(detail) };
}
