/**
 * The schema of the usage table. Apart from the keys' own: what fills it comes with every batch of the access log, and
 * whoever reads usage need not read keys.
 *
 * | attribute | what |
 * | --- | --- |
 * | `prefix` | partition key: the key |
 * | `entry` | sort key: `day#<day>#<route>` for counts, `batch#<id>` for what has been counted |
 * | `requests`, `errors`, `throttled`, `latencyMs`, `lastUsedAt` | the counts of one route on one day |
 * | `ttl` | seconds since the epoch |
 */
export const USAGE_KEY_ATTRIBUTE = 'prefix';
export const USAGE_SORT_ATTRIBUTE = 'entry';
export const USAGE_TTL_ATTRIBUTE = 'ttl';

/** The environment variable that names the table. */
export const USAGE_TABLE_VARIABLE = 'LATCHKEY_USAGE_TABLE';

const DAY = 'day#';

export function dayEntry(day: string, route: string): string {
  return `${DAY}${day}#${route}`;
}

export function batchEntry(batchId: string): string {
  return `batch#${batchId}`;
}

/** The first and the last sort key of the days from one to another. */
export function dayRange(from: string, to: string): readonly [string, string] {
  return [`${DAY}${from}#`, `${DAY}${to}#\uffff`];
}

/** Reads what {@link dayEntry} wrote. */
export function parseDayEntry(entry: string): { readonly day: string; readonly route: string } {
  return { day: entry.slice(DAY.length, DAY.length + 10), route: entry.slice(DAY.length + 11) };
}
