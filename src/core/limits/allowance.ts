import { quotaWindow, type ParsedLimits, type Quota, type Rate } from './limits.ts';
import type { EpochMs } from '../keys/record.ts';

/**
 * The counters of a key. The rate is a token bucket, stored as one number: the time at which the bucket will be full again
 * (GCRA, the generic cell rate algorithm). A request takes a token by adding the rate's interval to it, so nothing needs to
 * run to refill the bucket.
 *
 * https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export interface Counters {
  /** When the bucket is full again, in microseconds since the epoch. If it is in the past, the bucket is full. */
  readonly fullAt?: number | undefined;
  /** The start of the calendar window that `used` counts requests in. */
  readonly quotaFrom?: EpochMs | undefined;
  /** The requests counted in the window. */
  readonly used?: number | undefined;
}

/** The state of one limit after a request. */
export interface PolicyState {
  readonly name: 'rate' | 'quota';
  /** The requests that the limit allows in its window. */
  readonly quota: number;
  readonly windowSeconds: number;
  /** The requests left now. */
  readonly remaining: number;
  /** Whole seconds until one more request is left, rounded up. */
  readonly resetSeconds: number;
}

/** The name of a limit. */
export type LimitName = PolicyState['name'];

/** How far the clocks of two environments can differ, in microseconds. */
const CLOCK_DIFFERENCE_US = 10_000_000;

/** Returns the times that a rate compares `fullAt` with, in microseconds since the epoch. */
export function bucketAt({ burst, intervalUs }: Rate, now: EpochMs) {
  const nowUs = now * 1000;
  const emptyFullAt = nowUs + burst * intervalUs;
  return {
    nowUs,
    intervalUs,
    /** The latest `fullAt` of a bucket with a token left. */
    latestFullAt: emptyFullAt - intervalUs,
    /** The `fullAt` of an empty bucket. */
    emptyFullAt,
    /** A later `fullAt` was written under another rate, because a bucket can't be more than empty. */
    latestPossible: emptyFullAt + CLOCK_DIFFERENCE_US,
  };
}

/** After a change of the rate, the next request is allowed and leaves the bucket empty. */
function fullAtUnder(rate: Rate, { fullAt = 0 }: Counters, now: EpochMs): number {
  const { latestFullAt, latestPossible } = bucketAt(rate, now);
  return fullAt > latestPossible ? latestFullAt : fullAt;
}

/** Returns the limits that one more request would exceed. */
export function exceededLimits({ rate, quota }: ParsedLimits, counters: Counters, now: EpochMs): LimitName[] {
  const names: LimitName[] = [];
  if (rate !== undefined && fullAtUnder(rate, counters, now) > bucketAt(rate, now).latestFullAt) names.push('rate');
  if (quota !== undefined && usedIn(quota, counters, now) >= quota.requests) names.push('quota');
  return names;
}

/** Returns the state of each limit. */
export function policyStates({ rate, quota }: ParsedLimits, counters: Counters, now: EpochMs): PolicyState[] {
  return [
    ...(rate === undefined ? [] : [rateState(rate, counters, now)]),
    ...(quota === undefined ? [] : [quotaState(quota, counters, now)]),
  ];
}

function rateState(rate: Rate, counters: Counters, now: EpochMs): PolicyState {
  const { nowUs, intervalUs } = bucketAt(rate, now);
  const missing = Math.max(0, fullAtUnder(rate, counters, now) - nowUs) / intervalUs;
  const remaining = Math.max(0, Math.floor(rate.burst - missing));
  // With tokens left, the next token is partly refilled. Without, `missing` includes what the first one needs.
  const tokensUntilNext = missing - (rate.burst - remaining - 1);
  return {
    name: 'rate',
    quota: rate.requests,
    windowSeconds: rate.periodSeconds,
    remaining,
    resetSeconds: missing === 0 ? 0 : Math.ceil((tokensUntilNext * intervalUs) / 1_000_000),
  };
}

function quotaState(quota: Quota, counters: Counters, now: EpochMs): PolicyState {
  const { start, end } = quotaWindow(quota.period, now);
  return {
    name: 'quota',
    quota: quota.requests,
    windowSeconds: (end - start) / 1000,
    remaining: Math.max(0, quota.requests - usedIn(quota, counters, now)),
    resetSeconds: Math.ceil((end - now) / 1000),
  };
}

/** A window that starts later than the current one was written by an environment whose clock is ahead. It counts. */
function usedIn({ period }: Quota, { quotaFrom = 0, used = 0 }: Counters, now: EpochMs): number {
  return quotaFrom >= quotaWindow(period, now).start ? used : 0;
}
