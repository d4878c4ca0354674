import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HTTP_ACCESS_LOG, parseAccess, REST_ACCESS_LOG, type Access } from '../../../src/gateway/access-log.ts';
import { dayOf, lineOf, sum, usageOf } from '../../../src/gateway/usage.ts';

const TIME = Date.UTC(2027, 0, 31, 23, 59, 59, 999);
const LINE = {
  requestId: 'r-1',
  time: String(TIME),
  ip: '203.0.113.7',
  keyId: 'abcdefghijkl',
  status: '200',
  latencyMs: '12',
  route: 'GET /orders/{id}',
  error: '-',
};
const read = (change: object) => parseAccess(JSON.stringify({ ...LINE, ...change }));
const ACCESS: Access = { keyId: 'abcdefghijkl', route: 'GET /orders/{id}', time: TIME, status: 200, latencyMs: 12 };

describe('an access log line', () => {
  it('reads an access log line as one request with a key', () => {
    expect(read({})).toEqual(ACCESS);
    expect(read({ keyId: 'drf.abcdefgh' })).toMatchObject({ keyId: 'drf.abcdefgh' });
    expect(read({ latencyMs: '-' })).toEqual({ ...ACCESS, latencyMs: 0 });
  });

  it('does not count or report an access log line without a key', () => {
    expect(read({ keyId: '-' })).toBe('no key');
    expect(read({ keyId: '-', status: '-', latencyMs: 'x' })).toBe('no key');
  });

  it.each([
    ['no key id', { keyId: undefined }],
    ['a key id with a trailing space', { keyId: 'abcdefghijkl ' }],
    ['a key id that is an array', { keyId: ['abcdefghijkl'] }],
    ['no route', { route: undefined }],
    ['an empty route', { route: '' }],
    ['a dash as its route', { route: '-' }],
    ['a route that is a number', { route: 7 }],
    ['an empty time', { time: '' }],
    ['a blank time', { time: ' ' }],
    ['a dash as its time', { time: '-' }],
    ['a time of null', { time: null }],
    ['a time of zero', { time: '0' }],
    ['a negative time', { time: '-1' }],
    ['a time that Date cannot represent', { time: '9000000000000000' }],
    ['that time as a number', { time: 9e15 }],
    ['a time in exponential form', { time: '1.8e12' }],
    ['a hexadecimal time', { time: '0x1a2b3c4d5e6' }],
    ['a time in seconds', { time: '1800000000' }],
    ['a fraction of a millisecond', { time: '1800000000000.5' }],
    ['a time of NaN', { time: 'NaN' }],
    ['a dash as its status', { status: '-' }],
    ['an empty status', { status: '' }],
    ['a status of zero', { status: '0' }],
    ['a status above 599', { status: '600' }],
    ['an empty latency', { latencyMs: '' }],
    ['a negative latency', { latencyMs: '-5' }],
    ['a latency of 1e40', { latencyMs: '1e40' }],
    ['that latency as a number', { latencyMs: 1e40 }],
    ['a latency of forty digits', { latencyMs: '1'.repeat(40) }],
    ['a latency of NaN', { latencyMs: 'NaN' }],
    ['a latency of Infinity', { latencyMs: 'Infinity' }],
  ])('reports an access log line with %s as unreadable', (_what, change) => {
    expect(read(change)).toBe('unreadable');
  });

  it.each(['', 'null', '[]', '7', '"text"', '{', '{}', `${JSON.stringify(LINE)}x`])(
    'reports the access log line %j as unreadable',
    (line) => {
      expect(parseAccess(line)).toBe('unreadable');
    },
  );

  it('counts a route that is too long for a sort key under its start, cut at a whole character', () => {
    expect(read({ route: `GET /${'x'.repeat(500)}` })).toMatchObject({ route: `GET /${'x'.repeat(245)}` });
    const cut = read({ route: `GET /${'x'.repeat(244)}\u{1f511}` });
    expect(cut).toMatchObject({ route: `GET /${'x'.repeat(244)}\ufffd` });
  });

  it('always returns a day with a four-digit year, for any time', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.string()), (time) => {
        const access = read({ time: typeof time === 'string' ? time : String(time) });
        if (typeof access === 'object') expect(lineOf('1', access).day).toMatch(/^\d{4}-\d\d-\d\d$/);
      }),
    );
  });
});

describe('an access log format', () => {
  it.each([
    ['REST', REST_ACCESS_LOG],
    ['HTTP', HTTP_ACCESS_LOG],
  ])('uses only variables whose values cannot contain a quote in the log format of %s APIs', (_kind, format) => {
    // Only values of API Gateway itself, the checked id of the key, and declared routes. No values that a caller sends, such
    // as a path or a user agent, and none that an operator chooses, such as an owner or a name.
    const safe = new Set([
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.identity.sourceIp',
      '$context.authorizer.keyId',
      '$context.status',
      '$context.responseLatency',
      '$context.httpMethod',
      '$context.resourcePath',
      '$context.routeKey',
      '$context.error.responseType',
    ]);
    const used = Object.values(format).flatMap((value) => value.match(/\$[\w.]+/g) ?? []);
    expect(used.filter((variable) => !safe.has(variable))).toEqual([]);
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
  ])('counts a status of %i as %i errors and %i throttled requests', (status, errors, throttled) => {
    expect(usageOf({ ...ACCESS, status })).toEqual({ requests: 1, errors, throttled, latencyMs: 12, lastUsedAt: TIME });
  });

  it('adds up usage with the latest use, in either order', () => {
    const one = { requests: 5, errors: 3, throttled: 2, latencyMs: 70, lastUsedAt: 100 };
    const other = { requests: 1, errors: 1, throttled: 1, latencyMs: 8, lastUsedAt: 200 };
    const both = { requests: 6, errors: 4, throttled: 3, latencyMs: 78, lastUsedAt: 200 };
    expect([sum(one, other), sum(other, one)]).toEqual([both, both]);
  });

  it('keeps usage by day in UTC', () => {
    expect([dayOf(TIME), dayOf(TIME + 1)]).toEqual(['2027-01-31', '2027-02-01']);
  });
});
