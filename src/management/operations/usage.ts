import { dayOf, sum, type RouteUsage, type UsageCounts } from '../../gateway/usage.ts';
import type { UsageStore } from '../../usage/usage-store.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { existingKey } from './get.ts';
import type { Operation } from './operation.ts';

/** What was done with a key. */
interface UsageView {
  readonly requests: number;
  /** Answers of 400 and more, without those of 429. */
  readonly errors: number;
  /** Answers of 429. */
  readonly throttled: number;
  /** Rounded to a whole millisecond; `null` without requests. */
  readonly averageLatencyMs: number | null;
  /** ISO 8601 in UTC. */
  readonly lastUsedAt: string | null;
}

/** What was done with a key, in all and day by day. */
export interface KeyUsage extends UsageView {
  readonly prefix: string;
  /** Days in UTC, both included. */
  readonly from: string;
  readonly to: string;
  /** Days on which the key was used, the earliest first. */
  readonly days: readonly (UsageView & {
    readonly day: string;
    readonly routes: readonly (UsageView & { readonly route: string })[];
  })[];
}

const DAY_MS = 24 * 3_600_000;
/** With today. */
const DEFAULT_DAYS = 30;

/** Tells what a key was used for, by day and route, as the access log has been counted so far. */
export function usageOperation(store: Pick<UsageStore, 'read'>): Operation<KeyUsage> {
  return async (context, input) => {
    const { prefix, from, to } = checkInput(inputs.usage(dayOf(context.now())), input);
    const first = from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
    await existingKey(context, prefix);
    const rows = await store.read(prefix, first, to);
    const days = [...Map.groupBy(rows, ({ day }) => day)].map(([day, routes]) => ({
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
