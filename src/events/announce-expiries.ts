import { expiryEvent, type KeyEvent } from '../gateway/key-events.ts';
import type { EpochMs } from '../core/keys/record.ts';
import type { ExpiryPosition, ExpiryStore } from './expiry-store.ts';
import type { KeyStore, StoredKey } from '../storage/key-store.ts';
import { skipIfDamaged } from './changes.ts';
import { MAX_ENTRIES, NotPublishedError, type Publish } from './publisher.ts';
import { DAMAGED_ITEM, type SetAside } from './set-aside.ts';

const DAY_MS = 24 * 3_600_000;

/** Indexes are updated within about a second of their table. A key that is not in the index after this time is missed. */
const INDEX_SETTLES_MS = 60_000;

/** If a run advances by more than this, in milliseconds, either it is late or its clock is ahead. */
const JUMP_MS = 3_600_000;

export interface ExpiryDependencies {
  readonly expiries: Pick<ExpiryStore, 'page' | 'position' | 'moveTo'>;
  readonly keys: Pick<KeyStore, 'getAll'>;
  readonly publish: Publish;
  readonly setAside: SetAside;
  readonly noticeDays: readonly number[];
  /** @default Date.now */
  readonly now?: () => EpochMs;
}

/**
 * Returns a function that announces keys that have expired since the last run, and keys that will expire in `noticeDays`
 * days. Expiries and each notice period have separate positions, and one that fails does not stop the others. Each
 * continues where the last run stopped, and saves its position after each request to EventBridge. So after an interruption,
 * at most {@link MAX_ENTRIES} events are repeated. After an outage of days, the next run catches up, but keys that have
 * expired by then get no notice. The first run announces nothing and only sets the position.
 *
 * A run whose clock is ahead announces keys too early, and skips a period in which new keys can still be due. Later runs
 * therefore go back to where that run started.
 *
 * @param mayGoOn called between pages. If it returns `false`, the next run continues
 * @param scheduledAt the scheduled time of the run. The earlier of this and the clock is used
 * @throws {NotPublishedError} if EventBridge is unavailable
 */
export function createExpiryAnnouncer(dependencies: ExpiryDependencies) {
  const { expiries, keys, publish, setAside, noticeDays, now = Date.now } = dependencies;
  return async (mayGoOn: () => boolean, scheduledAt: EpochMs = Infinity): Promise<void> => {
    const failures: unknown[] = [];
    for (const days of [0, ...noticeDays]) {
      try {
        await announce(days, Math.min(now(), scheduledAt), mayGoOn);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 1)
      throw new AggregateError(failures, `${String(failures.length)} kinds of announcements failed`);
    if (failures.length === 1) throw failures[0];
  };

  async function announce(days: number, time: EpochMs, mayGoOn: () => boolean): Promise<void> {
    const name = `${String(days)}d`;
    const until = time - INDEX_SETTLES_MS + days * DAY_MS;
    const start = startOf(await expiries.position(name), until);
    if (start === 'nothing to do') return;
    if (start === 'first run') {
      await expiries.moveTo(name, { expiresAt: until });
      return;
    }
    const jump = until - start.expiresAt > JUMP_MS ? { from: start.expiresAt, to: until } : start.jump;
    const moveTo = (position: ExpiryPosition) => expiries.moveTo(name, { ...position, jump });
    // After an outage, keys that have expired get no notice.
    const after = days === 0 ? -Infinity : time;
    for (let position = start.expiresAt < after ? { expiresAt: after } : start; mayGoOn();) {
      const { keys: found, next } = await expiries.page(position, until);
      // Reads the current records, because the index can be outdated: some keys may have been revoked or extended.
      const records = new Map((await keys.getAll(found.map(({ prefix }) => prefix))).map((one) => [one.prefix, one]));
      const due: { readonly place: ExpiryPosition; readonly event: KeyEvent }[] = [];
      for (const place of found) {
        const record = records.get(place.prefix);
        if (record === undefined || !isDue(record, after, until)) continue;
        const event = skipIfDamaged(record.prefix, () => expiryEvent(record, record.expiresAt, days));
        if (event === undefined) await setAside({ code: DAMAGED_ITEM, keyId: record.prefix });
        else due.push({ place, event });
      }
      for (let sent = 0; sent < due.length; sent += MAX_ENTRIES) {
        const batch = due.slice(sent, sent + MAX_ENTRIES);
        let done = batch.length;
        try {
          await publish(batch.map(({ event }) => event));
        } catch (error) {
          done = error instanceof NotPublishedError ? error.published : 0;
          throw error;
        } finally {
          const last = batch[done - 1];
          if (last !== undefined) await moveTo(last.place);
        }
      }
      position = next ?? { expiresAt: until };
      await moveTo(position);
      if (next === undefined) return;
    }
  }
}

/** Returns where a run starts that announces keys up to `until`. */
function startOf(position: ExpiryPosition | undefined, until: EpochMs): ExpiryPosition | 'first run' | 'nothing to do' {
  if (position === undefined) return 'first run';
  const { expiresAt, jump } = position;
  if (expiresAt <= until) return position;
  // The clock of an earlier run was ahead, so it jumped to a time in the future.
  if (jump !== undefined && jump.to > until && jump.from <= until) return { expiresAt: jump.from };
  // The clock of this run is behind that of the last run.
  return 'nothing to do';
}

function isDue(record: StoredKey, after: EpochMs, until: EpochMs): record is StoredKey & { expiresAt: EpochMs } {
  const { revokedAt, expiresAt } = record;
  return revokedAt === undefined && expiresAt !== undefined && expiresAt <= until && expiresAt > after;
}
