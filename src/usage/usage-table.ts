import type { EpochMs } from '../core/keys/record.ts';

/**
 * The schema of the usage table. It is separate from the keys table, because it is written for every batch of access log
 * lines, and because reading usage must not require access to the keys.
 *
 * | attribute | content |
 * | --- | --- |
 * | `prefix` | partition key: the id of the key |
 * | `entry` | sort key: `day#<day>#<route>` for counts, `seen#<second>` for the lines that were counted |
 * | `requests`, `errors`, `throttled`, `latencyMs`, `lastUsedAt` | the counts of one route on one day |
 * | `lines` | the hashes of the counted lines of one second |
 * | `ttl` | seconds since the epoch |
 */
export const USAGE_KEY_ATTRIBUTE = 'prefix';
export const USAGE_SORT_ATTRIBUTE = 'entry';
export const USAGE_TTL_ATTRIBUTE = 'ttl';

/** The environment variable that names the table. */
export const USAGE_TABLE_VARIABLE = 'LATCHKEY_USAGE_TABLE';

const DAY = 'day#';

/** Returns the sort key of a key's counts for one route on one day. */
export function dayEntry(day: string, route: string): string {
  return `${DAY}${day}#${route}`;
}

/**
 * Returns the sort key of the item with a key's counted lines of one second. It depends only on the time of a line, so a line
 * that is delivered again in another batch is found.
 */
export function seenEntry(time: EpochMs): string {
  return `seen#${String(Math.floor(time / 1000))}`;
}

/** Returns the first and the last sort key of a range of days. */
export function dayRange(from: string, to: string): readonly [string, string] {
  return [`${DAY}${from}#`, `${DAY}${to}#\uffff`];
}

/** Parses a sort key made by {@link dayEntry}. */
export function parseDayEntry(entry: string): { readonly day: string; readonly route: string } {
  return { day: entry.slice(DAY.length, DAY.length + 10), route: entry.slice(DAY.length + 11) };
}
