import middy, { type MiddlewareObj } from '@middy/core';
import httpCors from '@middy/http-cors';
import httpErrorHandler from '@middy/http-error-handler';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import middy6 from 'middy-core-6';
import { describe, expect, it } from 'vitest';
import { injectCaller, requireScope } from '../../../src/backend/middleware.ts';
import type { LimitResult } from '../../../src/rate-limit/limiter.ts';
import { rateLimit } from '../../../src/rate-limit/middleware.ts';

const CONTEXT = { awsRequestId: 'r' } as Context;
const EVENT = {
  httpMethod: 'GET',
  headers: { Origin: 'https://app.example.com' },
  requestContext: { authorizer: { keyId: '4fQ9aZ0bT1xW', name: 'Checkout', scopes: 'orders:read', rate: '5/s' } },
} as unknown as APIGatewayProxyEvent;

const policies = [{ name: 'rate', quota: 5, windowSeconds: 1, remaining: 4, resetSeconds: 1 }] as const;
const limiting = (verdict: LimitResult) => rateLimit({ limiter: () => Promise.resolve(verdict) }) as MiddlewareObj;
const within = () => limiting({ allowed: true, policies });
const beyond = () => limiting({ allowed: false, reason: 'limited', violated: ['rate'], policies });
const outage = () => limiting({ allowed: false, reason: 'outage', error: new Error('no response') });
const scope = (name: string) => requireScope(name) as MiddlewareObj;
const cors = () => httpCors({ origin: 'https://app.example.com' }) as MiddlewareObj;
const errors = () => httpErrorHandler({ logger: false }) as MiddlewareObj;

const CORS_HEADERS = { 'Access-Control-Allow-Origin': 'https://app.example.com' };
const RATE_HEADERS = { 'RateLimit-Policy': '"rate";q=5;w=1', RateLimit: '"rate";r=4;t=1' };

function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, at) => ordersOf(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

describe.each([
  ['7', middy],
  // Only its types differ.
  ['6', middy6 as unknown as typeof middy],
])('with middy %s', (_version, createHandler) => {
  const call = (
    middlewares: readonly MiddlewareObj[],
    handler: () => unknown = () => ({ statusCode: 200, body: '' }),
  ) =>
    createHandler<unknown, APIGatewayProxyResult>()
      .use([...middlewares] as MiddlewareObj<unknown, APIGatewayProxyResult>[])
      .handler(() => Promise.resolve(handler() as APIGatewayProxyResult))(structuredClone(EVENT), { ...CONTEXT });

  const withCors = ordersOf(['guard', 'cors']);
  const withErrors = ordersOf(['guard', 'cors', 'errors']);
  describe.each([...withCors, ...withErrors].map((order) => [order.join(', '), order] as const))(
    'in the order %s',
    (_title, order) => {
      const inOrder = (guard: MiddlewareObj) =>
        order.map((name) => (name === 'guard' ? guard : name === 'cors' ? cors() : errors()));

      it('returns 429 with the CORS headers for a request beyond its limits', async () => {
        const response = await call(inOrder(beyond()));
        expect(response).toMatchObject({ statusCode: 429, headers: { ...CORS_HEADERS, ...RATE_HEADERS } });
        expect(response.headers).toMatchObject({ 'Retry-After': '1', 'content-type': 'application/problem+json' });
        expect(JSON.parse(response.body)).toMatchObject({ status: 429 });
      });

      it('returns 503 with the CORS headers for a request that cannot be counted', async () => {
        const response = await call(inOrder(outage()));
        expect(response).toMatchObject({ statusCode: 503, headers: { ...CORS_HEADERS, 'Retry-After': '1' } });
      });

      it('returns 403 with the CORS headers for a request without the scope', async () => {
        const response = await call(inOrder(scope('orders:write')));
        expect(response).toMatchObject({ statusCode: 403, headers: CORS_HEADERS });
        expect(JSON.parse(response.body)).toMatchObject({ status: 403 });
      });

      it('returns both kinds of headers for a request within its limits', async () => {
        const response = await call(inOrder(within()));
        expect(response).toMatchObject({ statusCode: 200, headers: { ...CORS_HEADERS, ...RATE_HEADERS } });
      });
    },
  );

  it('adds the RateLimit headers and the CORS headers to the 403 of a scope check after the limiter', async () => {
    for (const at of [0, 1, 2]) {
      const response = await call([within(), scope('orders:write')].toSpliced(at, 0, cors()));
      expect(response).toMatchObject({ statusCode: 403, headers: { ...CORS_HEADERS, ...RATE_HEADERS } });
    }
  });

  const replaceEvent: MiddlewareObj = { before: (request) => void (request.event = { order: 1 }) };
  const replaceResponse: MiddlewareObj = {
    after: (request) => void (request.response = { statusCode: 201, body: 'another' }),
  };
  const replaceHeaders: MiddlewareObj = {
    after: ({ response }) => void ((response as { headers: unknown }).headers = { a: 'b' }),
  };
  const respondEarly: MiddlewareObj = { after: () => ({ statusCode: 202, body: 'early' }) };
  const respondBefore: MiddlewareObj = { before: () => ({ statusCode: 203, body: 'cached' }) };

  it.each([
    ['the event', replaceEvent, 200],
    ['the response', replaceResponse, 201],
    ['the headers of the response', replaceHeaders, 200],
    ['the response, skipping the steps after it', respondEarly, 202],
    ['the handler by an early return', respondBefore, 203],
  ])('keeps the RateLimit headers if a later middleware replaces %s', async (_what, later, statusCode) => {
    expect(await call([within(), later])).toMatchObject({ statusCode, headers: RATE_HEADERS });
  });

  it.each([
    ['the response', replaceResponse, 201],
    ['the headers of the response', replaceHeaders, 200],
    ['the response, skipping the steps after it', respondEarly, 202],
  ])('keeps the RateLimit headers if an earlier middleware replaces %s', async (_what, earlier, statusCode) => {
    expect(await call([earlier, within()])).toMatchObject({ statusCode, headers: RATE_HEADERS });
  });

  it.each(ordersOf(['limit', 'errors']).map((order) => [order.join(', '), order] as const))(
    'adds the RateLimit headers to the response to a failed handler, in the order %s',
    async (_title, order) => {
      const fail = () => {
        throw Object.assign(new Error('no such order'), { statusCode: 404 });
      };
      const response = await call(
        order.map((name) => (name === 'limit' ? within() : errors())),
        fail,
      );
      expect(response).toMatchObject({ statusCode: 404, body: 'no such order', headers: RATE_HEADERS });
    },
  );

  it('rethrows the error of a handler that no middleware turns into a response', async () => {
    const fail = () => {
      throw new Error('no such order');
    };
    await expect(call([within(), cors()], fail)).rejects.toThrow('no such order');
  });

  it('passes onError steps an error with a status, the headers and permission to show it', async () => {
    const seen: unknown[] = [];
    const observe: MiddlewareObj = { onError: ({ error }) => void seen.push(error) };
    await call([observe, beyond()]);
    expect(seen).toEqual([expect.objectContaining({ statusCode: 429, expose: true })]);
    expect(seen[0]).toMatchObject({ headers: RATE_HEADERS });
  });

  it('does not change a response that a handler shares between requests', async () => {
    const shared = Object.freeze({ statusCode: 200, headers: Object.freeze({ a: 'b' }), body: '' });
    expect(await call([within()], () => shared)).toMatchObject({ headers: { a: 'b', ...RATE_HEADERS } });
    expect(shared).toEqual({ statusCode: 200, headers: { a: 'b' }, body: '' });
  });

  it.each(['plain', undefined, null, 7, { ok: true }])(
    'returns %j as it is, which is not a proxy response',
    async (value) => {
      expect(await call([within()], () => value)).toEqual(value);
    },
  );

  it.each([
    ['rateLimit', within()],
    ['requireScope', scope('orders:read')],
    // The test calls it with a context that has no caller yet, which its type excludes.
    ['injectCaller', injectCaller() as unknown as MiddlewareObj],
  ])('explains in %s that an envelope before it has replaced the event', async (name, guard) => {
    for (const event of [{ order: 1 }, [], 'order', null, { requestContext: null }]) {
      const envelope: MiddlewareObj = { before: (request) => void (request.event = event) };
      await expect(call([envelope, guard])).rejects.toThrow(
        `${name}: the event has no requestContext, so it is not an API Gateway event. Put ${name}() before any middleware that replaces the event`,
      );
    }
  });
});
