import type { KeyUsage } from '../api/keys.ts';

/** The time ranges of the usage chart, in days. The server returns at most 93. */
export const USAGE_SPANS = [7, 30, 90] as const;

const DAY_MS = 24 * 3_600_000;

/** Returns the first day of a range that ends today, in UTC. */
export function firstOf(days: number, now: number): string {
  return dayOf(now - (days - 1) * DAY_MS);
}

interface DayOfUsage {
  readonly day: string;
  /** Requests that were neither throttled nor failed. */
  readonly successful: number;
  readonly errors: number;
  readonly throttled: number;
}

/** Returns every day of the range, including days without requests. */
export function byDay({ from, to, days }: Pick<KeyUsage, 'from' | 'to' | 'days'>): DayOfUsage[] {
  const used = new Map(days.map((one) => [one.day, one]));
  const all: DayOfUsage[] = [];
  for (let time = Date.parse(from); time <= Date.parse(to); time += DAY_MS) {
    const day = dayOf(time);
    const { requests = 0, errors = 0, throttled = 0 } = used.get(day) ?? {};
    all.push({ day, successful: requests - errors - throttled, errors, throttled });
  }
  return all;
}

interface RouteOfUsage {
  readonly route: string;
  readonly requests: number;
  readonly errors: number;
  readonly throttled: number;
  readonly lastUsedAt: string | null;
}

/** Returns the totals of every route, with the most requests first. */
export function byRoute({ days }: Pick<KeyUsage, 'days'>): RouteOfUsage[] {
  const rows = Map.groupBy(
    days.flatMap(({ routes }) => routes),
    ({ route }) => route,
  );
  return [...rows]
    .map(([route, parts]) => ({
      route,
      requests: total(parts.map(({ requests }) => requests)),
      errors: total(parts.map(({ errors }) => errors)),
      throttled: total(parts.map(({ throttled }) => throttled)),
      // ISO 8601 strings sort by time.
      lastUsedAt:
        parts
          .map(({ lastUsedAt }) => lastUsedAt ?? '')
          .toSorted()
          .at(-1) ?? null,
    }))
    .toSorted((one, other) => other.requests - one.requests);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
