import { dayOf, sum, type RouteUsage, type UsageCounts } from '../../gateway/usage.ts';
import type { UsageStore } from '../../usage/usage-store.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { existingKey } from './get.ts';
import type { Operation } from './operation.ts';

/** The usage of a key in a period. */
interface UsageView {
  readonly requests: number;
  /** Responses with status 400 or above, except 429. */
  readonly errors: number;
  /** Responses with status 429. */
  readonly throttled: number;
  /** Rounded to a whole millisecond; `null` without requests. */
  readonly averageLatencyMs: number | null;
  /** ISO 8601 in UTC. */
  readonly lastUsedAt: string | null;
}

/** The usage of a key, in total and by day. */
export interface KeyUsage extends UsageView {
  readonly prefix: string;
  /** The first and the last day, in UTC. */
  readonly from: string;
  readonly to: string;
  /** The days on which the key was used, earliest first. */
  readonly days: readonly (UsageView & {
    readonly day: string;
    readonly routes: readonly (UsageView & { readonly route: string })[];
  })[];
}

const DAY_MS = 24 * 3_600_000;
/** The number of days if `from` is not given, including the day `to`. */
export const DEFAULT_DAYS = 30;

/** Returns an operation that returns a key's usage by day and route, from the access log lines that are counted so far. */
export function usageOperation(store: Pick<UsageStore, 'read'>): Operation<KeyUsage> {
  return async (context, input) => {
    const { prefix, from, to } = checkInput(inputs.usage(dayOf(context.now())), input);
    const first = from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
    await existingKey(context, prefix);
    const rows = await store.read(prefix, first, to);
    // Node.js 20 has no Map.groupBy(), and the key client runs this too.
    const byDay = new Map<string, typeof rows>();
    for (const row of rows) byDay.set(row.day, [...(byDay.get(row.day) ?? []), row]);
    const days = [...byDay].map(([day, routes]) => ({
      day,
      ...viewOf(routes),
      routes: routes.map((row) => ({ route: row.route, ...viewOf([row]) })),
    }));
    return { prefix, from: first, to, ...viewOf(rows), days };
  };
}

const NOTHING: UsageCounts = { requests: 0, errors: 0, throttled: 0, latencyMs: 0, lastUsedAt: 0 };

function viewOf(rows: readonly RouteUsage[]): UsageView {
  const { requests, errors, throttled, latencyMs, lastUsedAt } = rows.reduce<UsageCounts>(sum, NOTHING);
  return {
    requests,
    errors,
    throttled,
    averageLatencyMs: requests === 0 ? null : Math.round(latencyMs / requests),
    lastUsedAt: lastUsedAt === 0 ? null : new Date(lastUsedAt).toISOString(),
  };
}
