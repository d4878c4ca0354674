import type { KeyFilter, KeyView } from '../api/keys.ts';
import type { DecidedStatus } from '../keys/decided-status.ts';

/** The choices of the status filter. */
export const SHOW_FILTERS = {
  any: 'Any status',
  active: 'Active',
  disabled: 'Disabled',
  expired: 'Expired',
  revoked: 'Revoked',
  suspended: 'Suspended',
  not_yet_valid: 'Not yet valid',
  misconfigured: 'Misconfigured',
  replacing: 'Being replaced',
  expiring: 'Expires within 30 days',
  unused: 'Unused for 90 days',
} as const;
export type ShowFilter = keyof typeof SHOW_FILTERS;

const DAY_MS = 24 * 3_600_000;
export const EXPIRING_DAYS = 30;
export const UNUSED_DAYS = 90;

export function isShowFilter(text: string): text is ShowFilter {
  return Object.hasOwn(SHOW_FILTERS, text);
}

/** Whether the server's own status has this value, in addition to `active`. */
function isStored(show: ShowFilter): show is 'disabled' | 'expired' | 'revoked' {
  return show === 'disabled' || show === 'expired' || show === 'revoked';
}

/** Returns the status by which the server can filter. The console filters the rest. */
export function serverStatus(show: ShowFilter): KeyFilter['status'] {
  return show === 'any' || isStored(show) ? show : 'active';
}

/** Returns whether the server's filter is enough, so that the console doesn't need to load more than one page. */
export function isServerFilter(show: ShowFilter): boolean {
  return show === 'any' || show === 'active' || isStored(show);
}

/**
 * Returns whether a filter matches a key.
 *
 * @param status `undefined` while it is loading
 * @param now milliseconds since the epoch
 */
export function matchesShow(
  record: KeyView,
  show: ShowFilter,
  status: DecidedStatus | undefined,
  now: number,
): boolean {
  switch (show) {
    case 'any':
      return true;
    case 'misconfigured':
      return status === 'plan' || status === 'unenforced';
    case 'replacing':
      return status === 'active' && record.replacedBy !== null;
    case 'expiring':
      return status === 'active' && isExpiring(record, now);
    case 'unused':
      return status === 'active' && isUnused(record, now);
    case 'active':
      return status === 'active' || status === undefined;
    default:
      return status === show;
  }
}

/** Returns whether a key expires soon. */
function isExpiring({ expiresAt }: KeyView, now: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) - now <= EXPIRING_DAYS * DAY_MS;
}

/** Returns whether a key is old enough to be used, and was not used for a long time. */
function isUnused({ lastUsedAt, createdAt }: KeyView, now: number): boolean {
  return now - Date.parse(lastUsedAt ?? createdAt) >= UNUSED_DAYS * DAY_MS;
}
