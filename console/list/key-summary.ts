import type { KeyView } from '../api/keys.ts';
import { DECIDED_STATUSES, type DecidedStatus } from '../keys/decided-status.ts';
import { matchesShow } from './show-filter.ts';

interface KeySummary {
  /** Active, expired and revoked keys are always counted, other statuses only if a key has them. */
  readonly statuses: readonly { readonly status: DecidedStatus; readonly count: number }[];
  /** Active keys that expire soon, the next one first. */
  readonly expiring: readonly KeyView[];
  /** Active keys that were not used for a long time, the longest unused first. */
  readonly unused: readonly KeyView[];
  /** The newest keys. */
  readonly recent: readonly KeyView[];
  /** The number of different owners. */
  readonly owners: number;
}

const ALWAYS_COUNTED: readonly DecidedStatus[] = ['active', 'expired', 'revoked'];

/** Counts keys, and finds those that need attention. @param now milliseconds since the epoch */
export function summaryOf(
  records: readonly KeyView[],
  statusOf: (record: KeyView) => DecidedStatus | undefined,
  now: number,
): KeySummary {
  const decided = records.map((record) => ({ record, status: statusOf(record) }));
  const matching = (show: 'expiring' | 'unused') =>
    decided.filter(({ record, status }) => matchesShow(record, show, status, now)).map(({ record }) => record);
  return {
    statuses: DECIDED_STATUSES.map((status) => ({
      status,
      count: decided.filter((one) => one.status === status).length,
    })).filter(({ status, count }) => count > 0 || ALWAYS_COUNTED.includes(status)),
    expiring: matching('expiring').toSorted(by(({ expiresAt }) => expiresAt)),
    unused: matching('unused').toSorted(by(({ lastUsedAt, createdAt }) => lastUsedAt ?? createdAt)),
    recent: records.toSorted(by(({ createdAt }) => createdAt)).reverse(),
    owners: new Set(records.flatMap(({ ownerId }) => ownerId ?? [])).size,
  };
}

/** Compares by a time. ISO 8601 strings sort by time. */
function by(time: (record: KeyView) => string | null) {
  return (one: KeyView, other: KeyView) => (time(one) ?? '').localeCompare(time(other) ?? '');
}
