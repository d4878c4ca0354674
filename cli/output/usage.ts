import type { KeyUsage } from '../../functions/manage/operations/usage.ts';
import { printable } from './screen.ts';
import { tableOf } from './table.ts';

/** What a key was used for: a line for each day and route, and one for all together. */
export function usageTable(usage: KeyUsage): string {
  const columns = [
    { title: 'DAY' },
    { title: 'ROUTE', shrinks: true },
    { title: 'REQUESTS' },
    { title: 'ERRORS' },
    { title: 'THROTTLED' },
    { title: 'LATENCY' },
    { title: 'LAST USED' },
  ];
  const rows = usage.days.flatMap(({ day, routes }) =>
    routes.map((route) => [day, printable(route.route), ...countsOf(route)]),
  );
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
