import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketAt, policyStates, exceededLimits, type Counters } from '../../../../src/core/limits/allowance.ts';
import { parseLimits } from '../../../../src/core/limits/limits.ts';

const NOW = Date.UTC(2027, 0, 15, 12);
const NOW_US = NOW * 1000;
const MIDNIGHT = Date.UTC(2027, 0, 15);
/** One token every ten minutes, with a burst of three. */
const slow = parseLimits({ rate: '6/h', burst: 3 });
const TEN_MINUTES_US = 600_000_000;
const daily = parseLimits({ quota: '5/day' });

describe('a bucket', () => {
  it('returns the latest time at which a bucket that admits a request can be full', () => {
    const rate = { requests: 6, periodSeconds: 3600, burst: 3, intervalUs: TEN_MINUTES_US };
    expect(bucketAt(rate, NOW)).toEqual({
      nowUs: NOW_US,
      intervalUs: TEN_MINUTES_US,
      latestFullAt: NOW_US + 2 * TEN_MINUTES_US,
      emptyFullAt: NOW_US + 3 * TEN_MINUTES_US,
      latestPossible: NOW_US + 3 * TEN_MINUTES_US + 10_000_000,
    });
  });
});

describe('room for one more request', () => {
  it.each<[string, Counters, string[]]>([
    ['an unused bucket', {}, []],
    ['a bucket with exactly one token', { fullAt: NOW_US + 2 * TEN_MINUTES_US }, []],
    ['a bucket one microsecond short of a token', { fullAt: NOW_US + 2 * TEN_MINUTES_US + 1 }, ['rate']],
    ['an empty bucket, by a clock ten seconds ahead', { fullAt: NOW_US + 3 * TEN_MINUTES_US + 10_000_000 }, ['rate']],
    ['a bucket that another rate emptied', { fullAt: NOW_US + 3 * TEN_MINUTES_US + 10_000_001 }, []],
  ])('checks the rate: %s', (_what, counters, names) => {
    expect(exceededLimits(slow, counters, NOW)).toEqual(names);
  });

  it.each<[string, Counters, string[]]>([
    ['nothing used', {}, []],
    ['one request left', { quotaFrom: MIDNIGHT, used: 4 }, []],
    ['no requests left', { quotaFrom: MIDNIGHT, used: 5 }, ['quota']],
    ['used up yesterday', { quotaFrom: MIDNIGHT - 1, used: 5 }, []],
    ['used up in a later period, by a clock that is ahead', { quotaFrom: MIDNIGHT + 86_400_000, used: 5 }, ['quota']],
  ])('checks the quota: %s', (_what, counters, names) => {
    expect(exceededLimits(daily, counters, NOW)).toEqual(names);
  });

  it('names both exceeded limits, and none for a key without limits', () => {
    const counters = { fullAt: NOW_US + 3 * TEN_MINUTES_US, quotaFrom: MIDNIGHT, used: 5 };
    expect(exceededLimits({ ...slow, quota: daily.quota }, counters, NOW)).toEqual(['rate', 'quota']);
    expect(exceededLimits({}, counters, NOW)).toEqual([]);
  });
});

describe('the state of the limits', () => {
  const rateState = { name: 'rate', quota: 6, windowSeconds: 3600 };

  it.each([
    ['never used', undefined, 3, 0],
    ['full for a long time', -TEN_MINUTES_US, 3, 0],
    ['one token used', TEN_MINUTES_US, 2, 600],
    ['one token used five minutes ago', TEN_MINUTES_US / 2, 2, 300],
    ['two and a half tokens missing', 2.5 * TEN_MINUTES_US, 0, 300],
    ['empty', 3 * TEN_MINUTES_US, 0, 600],
    ['empty, by a clock that is ahead', 3 * TEN_MINUTES_US + 10_000_000, 0, 610],
    ['emptied by another rate', 3.5 * TEN_MINUTES_US, 1, 600],
    ['one microsecond before full', 1, 2, 1],
  ])('returns the state of a bucket: %s', (_what, missing, remaining, resetSeconds) => {
    const fullAt = missing === undefined ? undefined : NOW_US + missing;
    expect(policyStates(slow, { fullAt }, NOW)).toEqual([{ ...rateState, remaining, resetSeconds }]);
  });

  it.each([
    [{}, 5],
    [{ quotaFrom: MIDNIGHT, used: 2 }, 3],
    [{ quotaFrom: MIDNIGHT, used: 9 }, 0],
    [{ quotaFrom: MIDNIGHT - 1, used: 2 }, 5],
  ])('returns the state of a quota with the counters %j', (counters, remaining) => {
    expect(policyStates(daily, counters, NOW + 1)).toEqual([
      { name: 'quota', quota: 5, windowSeconds: 86_400, remaining, resetSeconds: 43_200 },
    ]);
  });

  it('returns the rate before the quota, and nothing without limits', () => {
    const both = policyStates({ ...slow, quota: daily.quota }, {}, NOW);
    expect(both.map(({ name }) => name)).toEqual(['rate', 'quota']);
    expect(policyStates({}, {}, NOW)).toEqual([]);
  });

  it('reports as remaining how many requests are admitted, and at least one more after the reset', () => {
    const units = fc.constantFrom('s', 'min', 'h');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        units,
        fc.integer({ min: 1, max: 50 }),
        fc.nat(60),
        (n, unit, burst, taken) => {
          const limits = parseLimits({ rate: `${String(n)}/${unit}`, burst });
          const { intervalUs = 0 } = limits.rate ?? {};
          let fullAt = NOW_US + Math.min(taken, burst) * intervalUs;
          const [state] = policyStates(limits, { fullAt }, NOW);
          let room = 0;
          for (; exceededLimits(limits, { fullAt }, NOW).length === 0; room++)
            fullAt = Math.max(fullAt, NOW_US) + intervalUs;
          expect(state?.remaining).toBe(room);
          const later = NOW + (state?.resetSeconds ?? 0) * 1000;
          const [then] = policyStates(limits, { fullAt: NOW_US + Math.min(taken, burst) * intervalUs }, later);
          expect(then?.remaining).toBeGreaterThanOrEqual(Math.min(room + 1, burst));
        },
      ),
    );
  });
});
