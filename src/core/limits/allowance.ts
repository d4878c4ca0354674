import { quotaWindow, type ParsedLimits, type Quota, type Rate } from './limits.ts';
import type { EpochMs } from '../keys/record.ts';

/**
 * What has been counted for a key. The rate is a token bucket, kept as one number (GCRA, the generic cell rate
 * algorithm): the time at which the bucket will be full again. A request takes a token by moving it on by the
 * rate's interval, and nothing needs to run in between to put tokens back.
 */
export interface Counters {
  /** When the bucket is full again, in microseconds since the epoch; in the past: it is full. */
  readonly fullAt?: number | undefined;
  /** Start of the calendar window that `used` counts for. */
  readonly quotaFrom?: EpochMs | undefined;
  readonly used?: number | undefined;
}

/** One limit as it stands after a request. */
export interface PolicyState {
  readonly name: 'rate' | 'quota';
  /** Requests that the policy allows in its window. */
  readonly quota: number;
  readonly windowSeconds: number;
  /** How many more requests there is room for now. */
  readonly remaining: number;
  /** Seconds until there is room for one more than that: whole ones, rounded up. */
  readonly resetSeconds: number;
}

export type LimitName = PolicyState['name'];

/** How far the clocks of two environments may be apart. */
const CLOCK_DIFFERENCE_US = 10_000_000;

/** What a rate asks of the counters, in microseconds. */
export function bucketAt({ burst, intervalUs }: Rate, now: EpochMs) {
  const nowUs = now * 1000;
  const emptyFullAt = nowUs + burst * intervalUs;
  return {
    nowUs,
    intervalUs,
    /** With room for one more request. */
    latestFullAt: emptyFullAt - intervalUs,
    emptyFullAt,
    /** What is later was counted under another rate: no bucket is emptier than empty. */
    latestPossible: emptyFullAt + CLOCK_DIFFERENCE_US,
  };
}

/** A changed rate counts from the next request on, which is let in and leaves the bucket empty. */
function fullAtUnder(rate: Rate, { fullAt = 0 }: Counters, now: EpochMs): number {
  const { latestFullAt, latestPossible } = bucketAt(rate, now);
  return fullAt > latestPossible ? latestFullAt : fullAt;
}

/** The limits that have no room for one more request. None: it may be let in. */
export function violated({ rate, quota }: ParsedLimits, counters: Counters, now: EpochMs): LimitName[] {
  const names: LimitName[] = [];
  if (rate !== undefined && fullAtUnder(rate, counters, now) > bucketAt(rate, now).latestFullAt) names.push('rate');
  if (quota !== undefined && usedIn(quota, counters, now) >= quota.requests) names.push('quota');
  return names;
}

/** How each limit stands with these counters. */
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
  // With room the next token completes the one that is on its way; without, the first must come whole.
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

/** A window later than ours was opened by somebody whose clock is ahead: it counts. */
function usedIn({ period }: Quota, { quotaFrom = 0, used = 0 }: Counters, now: EpochMs): number {
  return quotaFrom >= quotaWindow(period, now).start ? used : 0;
}
