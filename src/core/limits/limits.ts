/** The limits of a key, as strings. A missing field means no limit. */
export interface Limits {
  /** Requests per second, minute or hour: `<requests>/<s|min|h>`, such as `100/s`. */
  readonly rate?: string | undefined;
  /**
   * The number of requests that can be made at once after a pause. Requires `rate`.
   *
   * @default the requests of the rate
   */
  readonly burst?: number | undefined;
  /** Requests per calendar period: `<requests>/<day|week|month>`, such as `1000000/month`. Periods are in UTC; a week starts on Monday. */
  readonly quota?: string | undefined;
}

/** Limits by name of the plan. Keys of a plan share the values, not the counters. */
export type Plans = Readonly<Record<string, Limits>>;

/** A rate as a token bucket of `burst` tokens. A request takes one, and one is added every `intervalUs`. */
export interface Rate {
  readonly requests: number;
  readonly periodSeconds: number;
  readonly burst: number;
  /** In whole microseconds, so that additions are exact even for `3/s`. */
  readonly intervalUs: number;
}

const QUOTA_PERIODS = ['day', 'week', 'month'] as const;
/** The calendar period of a quota. */
export type QuotaPeriod = (typeof QUOTA_PERIODS)[number];

/** A parsed quota. */
export interface Quota {
  readonly requests: number;
  readonly period: QuotaPeriod;
}

/** Parsed limits. */
export interface ParsedLimits {
  readonly rate?: Rate | undefined;
  readonly quota?: Quota | undefined;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/** API Gateway's default quota for an account and Region. A DynamoDB item can take 1,000 writes per second. */
const MAX_REQUESTS_PER_SECOND = 10_000;
const MAX_BURST = 1_000_000;

/** What is accepted, for error messages. */
export const RATE_ACCEPTS = `requests per s, min or h, such as "100/s" or "6000/min"; at most ${String(MAX_REQUESTS_PER_SECOND)} a second`;
export const BURST_ACCEPTS = `a whole number from 1 to ${String(MAX_BURST)}, together with a rate: the number of requests that can be made at once`;
export const QUOTA_ACCEPTS = 'requests per day, week or month, such as "1000000/month"; at most 999999999999';
export const PLAN_ACCEPTS = 'lower-case letters, digits and dashes, starting with a letter, at most 32 characters';

/** Parses a rate, or returns `undefined` if it is invalid. */
export function parseRate(text: string, burst?: number): Rate | undefined {
  const [, digits = '', unit = ''] = /^([1-9]\d{0,7})\/(s|min|h)$/.exec(text) ?? [];
  const periodSeconds = SECONDS[unit];
  const requests = Number(digits);
  if (periodSeconds === undefined || requests > MAX_REQUESTS_PER_SECOND * periodSeconds) return undefined;
  const intervalUs = Math.floor((periodSeconds * 1_000_000) / requests);
  return { requests, periodSeconds, burst: burst ?? Math.min(requests, MAX_BURST), intervalUs };
}

/** Parses a quota, or returns `undefined` if it is invalid. */
export function parseQuota(text: string): Quota | undefined {
  const [, digits = '', unit] = /^([1-9]\d{0,11})\/([a-z]+)$/.exec(text) ?? [];
  const period = QUOTA_PERIODS.find((one) => one === unit);
  return period === undefined ? undefined : { requests: Number(digits), period };
}

/** Returns whether a value is a valid burst. */
export function isBurst(burst: unknown): burst is number {
  return typeof burst === 'number' && Number.isInteger(burst) && burst >= 1 && burst <= MAX_BURST;
}

/** Returns whether a plan can have this name. */
export function isPlanName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,31}$/.test(name);
}

/** Returns what is wrong with limits of any type, or `undefined` if they are valid. */
export function limitsFault(limits: unknown): string | undefined {
  if (typeof limits !== 'object' || limits === null) return 'not an object with rate, burst or quota';
  const { rate, burst, quota, ...rest }: Record<string, unknown> = { ...limits };
  const [unknownField] = Object.keys(rest);
  if (unknownField !== undefined) return `${unknownField} is not a limit; accepted: rate, burst, quota`;
  if (rate !== undefined && (typeof rate !== 'string' || parseRate(rate) === undefined))
    return invalid('rate', rate, RATE_ACCEPTS);
  if (burst !== undefined && (!isBurst(burst) || rate === undefined)) return invalid('burst', burst, BURST_ACCEPTS);
  if (quota !== undefined && (typeof quota !== 'string' || parseQuota(quota) === undefined))
    return invalid('quota', quota, QUOTA_ACCEPTS);
  return undefined;
}

function invalid(name: string, value: unknown, accepts: string): string {
  return `${JSON.stringify(value)} is not a valid ${name}; accepted: ${accepts}`;
}

/**
 * Parses limits.
 *
 * @throws {TypeError} if they are invalid, which is a bug: limits are checked before they are stored or passed on
 */
export function parseLimits(limits: Limits): ParsedLimits {
  const fault = limitsFault(limits);
  if (fault !== undefined) throw new TypeError(fault);
  return {
    rate: limits.rate === undefined ? undefined : parseRate(limits.rate, limits.burst),
    quota: limits.quota === undefined ? undefined : parseQuota(limits.quota),
  };
}

/**
 * Returns the effective limits of a key: its own, which override those of its plan. With a key-specific rate, the plan's
 * burst does not apply.
 *
 * @returns `undefined` if the key's plan is not configured, so that its limits are unknown
 */
export function limitsOf(
  key: { plan?: string | undefined; limits?: Limits | undefined },
  plans: Plans,
): Limits | undefined {
  const plan = key.plan === undefined ? {} : Object.hasOwn(plans, key.plan) ? plans[key.plan] : undefined;
  if (plan === undefined) return undefined;
  const own = key.limits ?? {};
  const { rate, burst } = own.rate === undefined ? plan : own;
  return withoutUndefined({ rate, burst, quota: own.quota ?? plan.quota });
}

/** Returns the fields that have a value. A loop, because every request runs it. */
export function withoutUndefined<Value>(fields: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  const defined: Record<string, Value> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) defined[name] = value;
  }
  return defined;
}

/** Returns the calendar period in UTC that contains `now`: `start` inclusive, `end` exclusive, in epoch milliseconds. */
export function quotaWindow(period: QuotaPeriod, now: number): { readonly start: number; readonly end: number } {
  const date = new Date(now);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const day = date.getUTCDate();
  switch (period) {
    case 'day':
      return { start: Date.UTC(year, month, day), end: Date.UTC(year, month, day + 1) };
    case 'week': {
      // ISO 8601: a week starts on Monday. `Date` counts from Sunday.
      const monday = day - ((date.getUTCDay() + 6) % 7);
      return { start: Date.UTC(year, month, monday), end: Date.UTC(year, month, monday + 7) };
    }
    case 'month':
      return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) };
  }
}
