import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isBurst,
  isPlanName,
  limitsFault,
  limitsOf,
  parseLimits,
  parseQuota,
  parseRate,
  PLAN_ACCEPTS,
  quotaWindow,
} from '../../../../src/core/limits/limits.ts';

describe('a rate', () => {
  it.each([
    ['100/s', 100, 1, 100, 10_000],
    ['6000/min', 6000, 60, 6000, 10_000],
    ['3/s', 3, 1, 3, 333_333],
    ['10/h', 10, 3600, 10, 360_000_000],
    ['10000/s', 10_000, 1, 10_000, 100],
  ])('parses the rate %s', (text, requests, periodSeconds, burst, intervalUs) => {
    expect(parseRate(text)).toEqual({ requests, periodSeconds, burst, intervalUs });
  });

  it.each([
    '',
    '100',
    '/s',
    '0/s',
    '-1/s',
    '01/s',
    '1.5/s',
    '1e3/s',
    '100/S',
    '100/sec',
    '100/m',
    '10/d',
    '10001/s',
    ' 1/s',
    '1/s\n',
  ])('rejects the rate %j', (text) => {
    expect(parseRate(text)).toBeUndefined();
  });
});

describe('a quota', () => {
  it.each(['1/day', '1000000/month', '7/week', '999999999999/month'])('parses the quota %s', (text) => {
    expect(parseQuota(text)).toEqual({ requests: Number(text.split('/')[0]), period: text.split('/')[1] });
  });
  it.each(['', '5', '0/day', '5/year', '5/hour', '5/Day', '1000000000000/day', '5 /day', ' 5/day', '5/day!'])(
    'rejects the quota %j',
    (text) => {
      expect(parseQuota(text)).toBeUndefined();
    },
  );
});

describe('the calendar periods of quotas, in UTC', () => {
  const iso = (period: 'day' | 'week' | 'month', now: string) => {
    const { start, end } = quotaWindow(period, Date.parse(now));
    return [new Date(start).toISOString(), new Date(end).toISOString()].map((time) => time.slice(0, 16));
  };
  it.each([
    ['day', '2027-03-28T23:59:59.999Z', '2027-03-28T00:00', '2027-03-29T00:00'],
    ['day', '2028-02-29T00:00:00.000Z', '2028-02-29T00:00', '2028-03-01T00:00'],
    ['week', '2027-01-03T23:59:59.999Z', '2026-12-28T00:00', '2027-01-04T00:00'],
    ['week', '2027-01-04T00:00:00.000Z', '2027-01-04T00:00', '2027-01-11T00:00'],
    ['month', '2027-12-31T23:59:59.999Z', '2027-12-01T00:00', '2028-01-01T00:00'],
    ['month', '2028-02-10T00:00:00.000Z', '2028-02-01T00:00', '2028-03-01T00:00'],
  ] as const)('returns the %s that contains %s', (period, now, start, end) => {
    expect(iso(period, now)).toEqual([start, end]);
  });

  it('contains every instant in its period, and leaves no gap between periods', () => {
    const time = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) });
    fc.assert(
      fc.property(time, fc.constantFrom('day', 'week', 'month'), (now, period) => {
        const { start, end } = quotaWindow(period, now);
        expect(start <= now && now < end).toBe(true);
        expect(quotaWindow(period, end).start).toBe(end);
        expect(quotaWindow(period, start)).toEqual({ start, end });
      }),
    );
  });
});

describe('limits', () => {
  it.each([
    [null, 'not an object'],
    [5, 'not an object'],
    ['1/s', 'not an object'],
    // As strings, these values would be a valid rate and quota.
    [{ rate: ['1/s'] }, 'such as "100/s"'],
    [{ quota: ['1/day'] }, 'such as "1000000/month"'],
    [{ qouta: '1/day' }, 'qouta is not a limit'],
    [{ rate: 5 }, '5 is not a valid rate'],
    [{ burst: 5 }, 'together with a rate'],
    [{ rate: '1/s', burst: 1.5 }, '1.5 is not a valid burst'],
    [{ quota: '1/year' }, '"1/year" is not a valid quota'],
  ])('%j are refused, saying what is accepted', (limits, fault) => {
    expect(limitsFault(limits)).toContain(fault);
  });

  it('parses limits with their burst', () => {
    expect(parseLimits({})).toEqual({});
    expect(parseLimits({ rate: '10/s', burst: 50 }).rate?.burst).toBe(50);
    expect(parseLimits({ rate: '10/s' })).toEqual({ rate: parseRate('10/s') });
    expect(parseLimits({ quota: '5/day' })).toEqual({ quota: { requests: 5, period: 'day' } });
    expect(() => parseLimits({ rate: 'x' })).toThrow(TypeError);
  });

  const plans = { free: { rate: '10/s', burst: 20, quota: '1000/day' } };
  it.each([
    [{}, {}],
    [{ plan: 'free' }, plans.free],
    [{ limits: { rate: '1/s' } }, { rate: '1/s' }],
    [
      { plan: 'free', limits: { quota: '5/day' } },
      { rate: '10/s', burst: 20, quota: '5/day' },
    ],
    // The plan's burst belongs to the plan's rate.
    [
      { plan: 'free', limits: { rate: '1/s' } },
      { rate: '1/s', quota: '1000/day' },
    ],
  ])('returns for %j the effective limits %j', (key, expected) => {
    expect(limitsOf(key, plans)).toStrictEqual(expected);
  });

  it.each([
    [0, false],
    [1, true],
    [1_000_000, true],
    [1_000_001, false],
    [1.5, false],
    ['5', false],
    [undefined, false],
  ])('checks whether the burst %j is valid: %s', (burst, expected) => {
    expect(isBurst(burst)).toBe(expected);
  });

  it.each([
    ['free', true],
    ['a', true],
    ['a-1', true],
    ['a'.repeat(32), true],
    ['a'.repeat(33), false],
    ['', false],
    ['1a', false],
    ['-a', false],
    ['Free', false],
    ['a_b', false],
    ['a b', false],
  ])('checks whether the plan name %j is valid: %s', (name, expected) => {
    expect(isPlanName(name)).toBe(expected);
    expect(PLAN_ACCEPTS).toContain('at most 32');
  });

  it('returns undefined for a plan that is not configured, regardless of its name', () => {
    for (const plan of ['gold', 'constructor', '__proto__']) expect(limitsOf({ plan }, plans)).toBeUndefined();
  });
});
