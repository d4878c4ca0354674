import type { KeyUsage } from '../../src/management/operations/usage.ts';
import { tableOf } from './table.ts';
import type { TerminalText } from './terminal-text.ts';

/** Returns a table of a key's usage: a row for each day and route, and a row for the total. */
export function usageTable(usage: KeyUsage): TerminalText {
  const columns = [
    { title: 'DAY' },
    { title: 'ROUTE', shrinks: true },
    { title: 'REQUESTS' },
    { title: 'ERRORS' },
    { title: 'THROTTLED' },
    { title: 'LATENCY' },
    { title: 'LAST USED' },
  ];
  const rows = usage.days.flatMap(({ day, routes }) => routes.map((route) => [day, route.route, ...countsOf(route)]));
  return tableOf(columns, [...rows, ['all', '', ...countsOf(usage)]]);
}

type Counts = Pick<KeyUsage, 'requests' | 'errors' | 'throttled' | 'averageLatencyMs' | 'lastUsedAt'>;

function countsOf({ requests, errors, throttled, averageLatencyMs, lastUsedAt }: Counts): string[] {
  return [
    String(requests),
    String(errors),
    String(throttled),
    averageLatencyMs === null ? '-' : `${String(averageLatencyMs)} ms`,
    lastUsedAt ?? '-',
  ];
}
