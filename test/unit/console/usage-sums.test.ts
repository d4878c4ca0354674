import { expect, it } from 'vitest';
import { byDay, byRoute, firstOf } from '../../../console/keys/usage-sums.ts';

const counts = (requests: number, errors: number, throttled: number, lastUsedAt: string) => ({
  requests,
  errors,
  throttled,
  averageLatencyMs: 10,
  lastUsedAt,
});

const usage = {
  from: '2027-02-27',
  to: '2027-03-02',
  days: [
    {
      day: '2027-02-28',
      ...counts(10, 2, 1, '2027-02-28T09:00:00.000Z'),
      routes: [
        { route: 'GET /a', ...counts(4, 0, 0, '2027-02-28T09:00:00.000Z') },
        { route: 'GET /b', ...counts(6, 2, 1, '2027-02-28T08:00:00.000Z') },
      ],
    },
    {
      day: '2027-03-02',
      ...counts(5, 0, 0, '2027-03-02T09:00:00.000Z'),
      routes: [{ route: 'GET /a', ...counts(5, 0, 0, '2027-03-02T09:00:00.000Z') }],
    },
  ],
};

it('returns every day of the range, including days without requests', () => {
  expect(byDay(usage)).toEqual([
    { day: '2027-02-27', successful: 0, errors: 0, throttled: 0 },
    { day: '2027-02-28', successful: 7, errors: 2, throttled: 1 },
    { day: '2027-03-01', successful: 0, errors: 0, throttled: 0 },
    { day: '2027-03-02', successful: 5, errors: 0, throttled: 0 },
  ]);
});

it('sums routes over all days, with the most requests first', () => {
  expect(byRoute(usage)).toEqual([
    { route: 'GET /a', requests: 9, errors: 0, throttled: 0, lastUsedAt: '2027-03-02T09:00:00.000Z' },
    { route: 'GET /b', requests: 6, errors: 2, throttled: 1, lastUsedAt: '2027-02-28T08:00:00.000Z' },
  ]);
});

it('returns the first day of a range that ends today in UTC', () => {
  expect(firstOf(7, Date.parse('2027-03-02T23:59:59Z'))).toBe('2027-02-24');
  expect(firstOf(1, Date.parse('2027-03-02T00:00:00Z'))).toBe('2027-03-02');
});
