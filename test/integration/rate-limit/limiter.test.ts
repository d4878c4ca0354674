import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { parseList } from 'structured-headers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { limitHeaders, limitRefusal } from '../../../src/rate-limit/response.ts';
import { createLimiter, type OnOutage } from '../../../src/rate-limit/limiter.ts';
import { rateLimit, type RateLimitOptions } from '../../../src/rate-limit/middleware.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { CounterStore } from '../../../src/rate-limit/counter-store.ts';
import { testLimitsTable } from '../../support/storage/test-table.ts';

const NOON = Date.UTC(2027, 0, 15, 12);
const clock = { now: NOON };
let counters: CounterStore;

beforeAll(async () => {
  counters = new CounterStore(await testLimitsTable());
});

const limiter = () => createLimiter({ counters, now: () => clock.now });
/** Parses the fields of a header as a client would. */
const read = (header = '') =>
  parseList(header).map(([name, parameters]) => [name, Object.fromEntries(parameters)] as const);

describe('the response of the limiter', () => {
  it('reports the policies and what remains of them in structured fields', async () => {
    const caller = { countsAs: 'told', limits: { rate: '10/s', burst: 20, quota: '100/day' } };
    const limit = limiter();
    await limit(caller);
    const headers = limitHeaders(await limit(caller));
    expect(headers['RateLimit-Policy']).toBe('"rate";q=10;w=1, "quota";q=100;w=86400');
    expect(read(headers['RateLimit'])).toEqual([
      ['rate', { r: 18, t: 1 }],
      ['quota', { r: 98, t: 43_200 }],
    ]);
  });

  it('returns 429 with a Retry-After after which a retry succeeds', async () => {
    const caller = { countsAs: 'refused', limits: { rate: '6/min', burst: 1 } };
    const limit = limiter();
    await limit(caller);
    const verdict = await limit(caller);
    if (verdict.allowed) throw new Error('was allowed');
    const { statusCode, headers, body } = limitRefusal(verdict);
    expect(statusCode).toBe(429);
    expect(headers).toMatchObject({ 'Retry-After': '10', RateLimit: '"rate";r=0;t=10' });
    expect(JSON.parse(body)).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      'violated-policies': ['rate'],
    });
    clock.now += 9_999;
    expect((await limit(caller)).allowed).toBe(false);
    clock.now += 1;
    expect((await limit(caller)).allowed).toBe(true);
  });

  it('waits for the limit that resets last, and names every exhausted limit', async () => {
    clock.now = NOON;
    const caller = { countsAs: 'both', limits: { rate: '1/min', quota: '1/day' } };
    const limit = limiter();
    await limit(caller);
    const verdict = await limit(caller);
    if (verdict.allowed) throw new Error('was allowed');
    expect(limitRefusal(verdict).headers['Retry-After']).toBe('43200');
    expect(verdict).toMatchObject({ violated: ['rate', 'quota'] });
  });

  it('adds no headers and writes nothing for a key without limits', async () => {
    const limit = createLimiter({ counters: { count: () => Promise.reject(new Error('written')) } });
    expect(limitHeaders(await limit({ countsAs: 'x', limits: {} }))).toEqual({});
  });
});

describe('an outage of the rate limit table', () => {
  const outage = (onOutage?: OnOutage) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    // No server listens on this port.
    const client = documentClient({ endpoint: 'http://127.0.0.1:9', region: 'us-east-1', maxAttempts: 1 });
    return createLimiter({ counters: new CounterStore({ client, tableName: 'none' }), ...(onOutage && { onOutage }) });
  };
  const caller = { countsAs: 'x', limits: { rate: '1/s' } };

  it('rejects requests with 503 by default', async () => {
    const verdict = await outage()(caller);
    if (verdict.allowed) throw new Error('was allowed');
    expect(limitRefusal(verdict)).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '1' } });
    expect(limitRefusal(verdict).body).toContain('temporary-reduced-capacity');
  });

  it("logs an uncounted request with the fields of the functions' logger", async () => {
    await outage()(caller);
    const line: unknown = vi.mocked(console.error).mock.lastCall?.[0];
    expect(JSON.parse(String(line))).toMatchObject({
      level: 'ERROR',
      message: 'request not counted',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      service: 'latchkey',
      keyId: 'x',
      onOutage: 'deny',
    });
  });

  it("allows requests without rate limit headers if onOutage is 'allow'", async () => {
    expect(limitHeaders(await outage('allow')(caller))).toEqual({});
    expect((await outage('allow')(caller)).allowed).toBe(true);
  });
});

describe('the rate limit middleware', () => {
  const event = (countsAs: string, rate?: string) => ({
    requestContext: { authorizer: { keyId: 'k', name: 'n', scopes: '', countsAs, ...(rate && { rate }) } },
  });
  const invoke = (handler: () => Promise<unknown>) =>
    middy<ReturnType<typeof event>>()
      .use(rateLimit({ limiter: limiter() }))
      .handler(handler);
  const context = {} as Context;

  it('passes an admitted request to the handler, with the remaining limits', async () => {
    const handler = invoke(() => Promise.resolve({ statusCode: 200, headers: { a: 'b' }, body: '' }));
    expect(await handler(event('m1', '5/s'), context)).toEqual({
      statusCode: 200,
      headers: { a: 'b', 'RateLimit-Policy': '"rate";q=5;w=1', RateLimit: '"rate";r=4;t=1' },
      body: '',
    });
  });

  it('rejects a request beyond the limits before the handler runs', async () => {
    const inner = vi.fn(() => Promise.resolve({ statusCode: 200 }));
    const handler = invoke(inner);
    await handler(event('m2', '1/h'), context);
    expect(await handler(event('m2', '1/h'), context)).toMatchObject({ statusCode: 429 });
    expect(inner).toHaveBeenCalledTimes(1);
  });

  it('does not change responses that are not proxy responses, or responses for keys without limits', async () => {
    expect(await invoke(() => Promise.resolve('plain'))(event('m3', '5/s'), context)).toBe('plain');
    expect(await invoke(() => Promise.resolve({ statusCode: 200 }))(event('m4'), context)).toEqual({
      statusCode: 200,
    });
  });

  describe('the rate limit middleware for callers without a key', () => {
    const byToken = (subject: string) => ({
      requestContext: { authorizer: { authorizedBy: 'jwt', subject, scopes: '' } },
    });
    const invokeBy = (options: RateLimitOptions) =>
      middy<ReturnType<typeof byToken>>()
        .use(rateLimit({ limiter: limiter(), ...options }))
        .handler(() => Promise.resolve({ statusCode: 200 }));

    it('applies no limits to a caller without a key by default', async () => {
      const handler = invokeBy({});
      for (let call = 0; call < 3; call++) expect(await handler(byToken('ann'), context)).toEqual({ statusCode: 200 });
    });

    it('applies the given limits to each caller without a key separately', async () => {
      const handler = invokeBy({
        withoutKey: ({ subject = '' }) => ({ countsAs: `user:${subject}`, limits: { rate: '1/h' } }),
      });
      expect(await handler(byToken('bob'), context)).toMatchObject({ statusCode: 200 });
      expect(await handler(byToken('bob'), context)).toMatchObject({ statusCode: 429 });
      expect(await handler(byToken('eve'), context)).toMatchObject({ statusCode: 200 });
    });
  });

  it('fails on a route without an authorizer, because no request would be counted', async () => {
    const handler = middy<{ requestContext: object }>()
      .use(rateLimit({ limiter: limiter() }))
      .handler(() => Promise.resolve({ statusCode: 200 }));
    await expect(handler({ requestContext: {} }, context)).rejects.toThrow('no Latchkey authorizer');
  });

  it('requires the name of its table', () => {
    expect(() => rateLimit()).toThrow('LATCHKEY_LIMITS_TABLE');
  });
});
