import { describe, expect, it } from 'vitest';
import { parseAccess, type Access } from '../../functions/domain/access-log.ts';
import { dayOf, sum, usageOf } from '../../functions/domain/usage.ts';

const TIME = Date.UTC(2027, 0, 31, 23, 59, 59, 999);
const LINE = {
  requestId: 'r-1',
  time: String(TIME),
  ip: '203.0.113.7',
  keyId: 'abcdefghijkl',
  ownerId: '-',
  status: '200',
  latencyMs: '12',
  route: 'GET /orders/{id}',
  error: '-',
};
const read = (change: object) => parseAccess(JSON.stringify({ ...LINE, ...change }));
const ACCESS: Access = { keyId: 'abcdefghijkl', route: 'GET /orders/{id}', time: TIME, status: 200, latencyMs: 12 };

describe('a line of the access log', () => {
  it('is read as one request with a key', () => {
    expect(read({})).toEqual(ACCESS);
    expect(read({ keyId: 'drf.abcdefgh' })?.keyId).toBe('drf.abcdefgh');
    expect(read({ status: '0', time: '0' })).toMatchObject({ status: 0, time: 0 });
  });

  it.each([
    ['no key', { keyId: '-' }],
    ['a key id that is none', { keyId: 'abcdefghijkl ' }],
    ['a key id that is a list', { keyId: ['abcdefghijkl'] }],
    ['no route', { route: undefined }],
    ['a route that is a number', { route: 7 }],
    ['no time', { time: '-' }],
    ['a time before time', { time: '-1' }],
    ['half a millisecond', { time: '1.5' }],
    ['no status', { status: '-' }],
    ['a status below zero', { status: '-1' }],
  ])('with %s is not about a key', (_what, change) => {
    expect(read(change)).toBeUndefined();
  });

  it.each(['', 'null', '[]', '7', '"text"', '{', '{}'])('that is %j is not about a key, and no error', (line) => {
    expect(parseAccess(line)).toBeUndefined();
  });

  it.each(['-', '-5', 'x'])('with the latency %j counts without it', (latencyMs) => {
    expect(read({ latencyMs })?.latencyMs).toBe(0);
  });

  it('with a route too long for a sort key is counted under its beginning', () => {
    expect(read({ route: `GET /${'x'.repeat(500)}` })?.route).toBe(`GET /${'x'.repeat(245)}`);
  });
});

describe('usage', () => {
  it.each([
    [200, 0, 0],
    [399, 0, 0],
    [400, 1, 0],
    [404, 1, 0],
    [429, 0, 1],
    [500, 1, 0],
  ])('counts a %i as %i errors and %i throttled', (status, errors, throttled) => {
    expect(usageOf({ ...ACCESS, status })).toEqual({ requests: 1, errors, throttled, latencyMs: 12, lastUsedAt: TIME });
  });

  it('is added up, and ends with the later use, in either order', () => {
    const one = { requests: 5, errors: 3, throttled: 2, latencyMs: 70, lastUsedAt: 100 };
    const other = { requests: 1, errors: 1, throttled: 1, latencyMs: 8, lastUsedAt: 200 };
    const both = { requests: 6, errors: 4, throttled: 3, latencyMs: 78, lastUsedAt: 200 };
    expect([sum(one, other), sum(other, one)]).toEqual([both, both]);
  });

  it('is kept by day in UTC', () => {
    expect([dayOf(TIME), dayOf(TIME + 1)]).toEqual(['2027-01-31', '2027-02-01']);
  });
});
