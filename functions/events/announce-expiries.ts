import { expiryEvent } from '../domain/key-events.ts';
import type { EpochMs } from '../domain/record.ts';
import type { ExpiryStore } from '../store/expiry-store.ts';
import type { KeyStore } from '../store/key-store.ts';
import { unlessDamaged } from '../stream/changes.ts';
import type { Publish } from './publisher.ts';

const DAY_MS = 24 * 3_600_000;

/** An index follows its table within a second or so. What it has not shown by then would be passed over. */
const INDEX_SETTLES_MS = 60_000;

export interface ExpiryDependencies {
  readonly expiries: Pick<ExpiryStore, 'page' | 'position' | 'moveTo'>;
  readonly keys: Pick<KeyStore, 'getAll'>;
  readonly publish: Publish;
  readonly noticeDays: readonly number[];
  /** @default Date.now */
  readonly now?: () => EpochMs;
}

/**
 * Tells which keys have ended since the last time, and which have as many days left as a notice is given ahead.
 * Each of these look-outs goes on where it has come to, and moves there after what it found is published: one cut
 * short anywhere tells a page again at most, and one that did not run for days makes up for them; but of what has ended by
 * then no notice is given. On its first run it tells nothing, and begins there.
 *
 * @param mayGoOn asked between pages; the next run goes on
 * @throws {NotPublishedError} if an event is not taken
 */
export function createExpiryAnnouncer({ expiries, keys, publish, noticeDays, now = Date.now }: ExpiryDependencies) {
  return async (mayGoOn: () => boolean): Promise<void> => {
    for (const days of [0, ...noticeDays]) await lookOut(days, mayGoOn);
  };

  async function lookOut(days: number, mayGoOn: () => boolean): Promise<void> {
    const name = `${String(days)}d`;
    const time = now();
    const until = time - INDEX_SETTLES_MS + days * DAY_MS;
    const begun = await expiries.position(name);
    if (begun === undefined) {
      await expiries.moveTo(name, { expiresAt: until });
      return;
    }
    // A clock that lags behind does not take it back.
    if (begun.expiresAt > until) return;
    // It may have stood still for long: what has ended meanwhile is no longer about to.
    const ended = days === 0 ? -Infinity : time;
    for (let position = begun.expiresAt < ended ? { expiresAt: ended } : begun; mayGoOn();) {
      const { prefixes, next } = await expiries.page(position, until);
      // As they are now, not as the index has them: some may have been revoked or given more time.
      const records = await keys.getAll(prefixes);
      await publish(
        records.flatMap((record) => {
          const { prefix, revokedAt, expiresAt } = record;
          if (revokedAt !== undefined || expiresAt === undefined || expiresAt > until || expiresAt <= ended) return [];
          return unlessDamaged(prefix, () => expiryEvent(record, expiresAt, days)) ?? [];
        }),
      );
      position = next ?? { expiresAt: until };
      await expiries.moveTo(name, position);
      if (next === undefined) return;
    }
  }
}
