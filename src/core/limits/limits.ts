/** How much a key may do, as people write it. What is not given is not limited. */
export interface Limits {
  /** `<requests>/<s|min|h>`, such as `100/s`. */
  readonly rate?: string | undefined;
  /**
   * How many requests may come at once, after a pause long enough; only beside a `rate`.
   *
   * @default the requests of the rate
   */
  readonly burst?: number | undefined;
  /** `<requests>/<day|week|month>`, such as `1000000/month`: refilled at midnight, on Monday, on the first; in UTC. */
  readonly quota?: string | undefined;
}

/** Limits by name, which many keys share as values: each key has counters of its own. */
export type Plans = Readonly<Record<string, Limits>>;

/** A rate as a token bucket: a request takes a token, one comes back every `intervalUs`, up to `burst`. */
export interface Rate {
  readonly requests: number;
  readonly periodSeconds: number;
  readonly burst: number;
  /** Microseconds: with whole ones even `3/s` adds up without rounding faults. */
  readonly intervalUs: number;
}

const QUOTA_PERIODS = ['day', 'week', 'month'] as const;
export type QuotaPeriod = (typeof QUOTA_PERIODS)[number];

export interface Quota {
  readonly requests: number;
  readonly period: QuotaPeriod;
}

/** Limits read, to be counted against. */
export interface ParsedLimits {
  readonly rate?: Rate | undefined;
  readonly quota?: Quota | undefined;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/** API Gateway's own default for a whole account and Region; one DynamoDB item takes 1 000 writes a second. */
const MAX_REQUESTS_PER_SECOND = 10_000;
const MAX_BURST = 1_000_000;

/** Says in words what is accepted, for error messages. */
export const RATE_ACCEPTS = `requests per s, min or h, such as "100/s" or "6000/min"; at most ${String(MAX_REQUESTS_PER_SECOND)} a second`;
export const BURST_ACCEPTS = `a whole number from 1 to ${String(MAX_BURST)}, beside a rate: how many requests may come at once`;
export const QUOTA_ACCEPTS = 'requests per day, week or month, such as "1000000/month"; at most 999999999999';
export const PLAN_ACCEPTS = 'lower-case letters, digits and dashes, starting with a letter, at most 32 characters';

/** Reads a rate, or answers `undefined` if it is none. */
export function parseRate(text: string, burst?: number): Rate | undefined {
  const [, digits = '', unit = ''] = /^([1-9]\d{0,7})\/(s|min|h)$/.exec(text) ?? [];
  const periodSeconds = SECONDS[unit];
  const requests = Number(digits);
  if (periodSeconds === undefined || requests > MAX_REQUESTS_PER_SECOND * periodSeconds) return undefined;
  const intervalUs = Math.floor((periodSeconds * 1_000_000) / requests);
  return { requests, periodSeconds, burst: burst ?? Math.min(requests, MAX_BURST), intervalUs };
}

/** Reads a quota, or answers `undefined` if it is none. */
export function parseQuota(text: string): Quota | undefined {
  const [, digits = '', unit] = /^([1-9]\d{0,11})\/([a-z]+)$/.exec(text) ?? [];
  const period = QUOTA_PERIODS.find((one) => one === unit);
  return period === undefined ? undefined : { requests: Number(digits), period };
}

/** Whether `burst` is one. */
export function isBurst(burst: unknown): burst is number {
  return typeof burst === 'number' && Number.isInteger(burst) && burst >= 1 && burst <= MAX_BURST;
}

/** Whether a plan can have this name. */
export function isPlanName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,31}$/.test(name);
}

/** What is wrong with limits that come from outside, or `undefined`. */
export function limitsFault(limits: unknown): string | undefined {
  if (typeof limits !== 'object' || limits === null) return 'not an object with rate, burst or quota';
  const { rate, burst, quota, ...rest }: Record<string, unknown> = { ...limits };
  const [unknownField] = Object.keys(rest);
  if (unknownField !== undefined) return `${unknownField} is no limit; accepted: rate, burst, quota`;
  if (rate !== undefined && (typeof rate !== 'string' || parseRate(rate) === undefined))
    return `the rate is none; accepted: ${RATE_ACCEPTS}`;
  if (burst !== undefined && (!isBurst(burst) || rate === undefined))
    return `the burst is none; accepted: ${BURST_ACCEPTS}`;
  if (quota !== undefined && (typeof quota !== 'string' || parseQuota(quota) === undefined))
    return `the quota is none; accepted: ${QUOTA_ACCEPTS}`;
  return undefined;
}

/**
 * Reads limits.
 *
 * @throws {TypeError} if they are none: whoever stores or hands them on has checked them, so this is a bug
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
 * The limits that hold for a key: its own go before those of its plan. A rate of its own brings its own burst.
 *
 * @returns `undefined` if the key has a plan that is not there: then nobody knows what it may do
 */
export function limitsOf(
  key: { plan?: string | undefined; limits?: Limits | undefined },
  plans: Plans,
): Limits | undefined {
  const plan = key.plan === undefined ? {} : Object.hasOwn(plans, key.plan) ? plans[key.plan] : undefined;
  if (plan === undefined) return undefined;
  const own = key.limits ?? {};
  const { rate, burst } = own.rate === undefined ? plan : own;
  const quota = own.quota ?? plan.quota;
  return {
    ...(rate !== undefined && { rate }),
    ...(burst !== undefined && { burst }),
    ...(quota !== undefined && { quota }),
  };
}

/** The calendar period in UTC that `now` lies in, from `start` up to but not including `end`, in epoch milliseconds. */
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
