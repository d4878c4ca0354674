import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKey } from '../../../../src/core/keys/key.ts';
import { localForTest, runningLocal, type RunningLocal } from '../../../support/local/running.ts';
import { rawRequest } from '../raw-request.ts';

const UNAUTHORIZED = { message: 'Unauthorized' };
const NOT_AUTHORIZED = { Message: 'User is not authorized to access this resource' };
const EXPLICIT_DENY = { Message: 'User is not authorized to access this resource with an explicit deny' };

async function call(local: RunningLocal, key: string | undefined, path = '/orders/1', method = 'GET') {
  const { status, body } = await rawRequest(local.apiUrl, path, {
    method,
    headers: key === undefined ? {} : { 'x-api-key': key },
  });
  return { status, body: JSON.parse(body) as unknown };
}

describe('a key on the sample API', () => {
  let local: RunningLocal;
  beforeAll(async () => {
    local = await runningLocal({ authorizer: { contextMetadata: ['plan', 'seats'] } });
  });
  afterAll(() => local.stop());

  it('a key on the sample API is allowed, and the backend receives the caller', async () => {
    const { key, prefix } = await local.key({
      name: 'Ada',
      metadata: { plan: 'gold', seats: 3, internal: 'not told' },
    });
    expect(await call(local, key, '/orders/1', 'PUT')).toEqual({
      status: 200,
      body: {
        method: 'PUT',
        path: '/orders/1',
        caller: {
          authorizedBy: 'apiKey',
          scopes: [],
          key: {
            keyId: prefix,
            name: 'Ada',
            limits: {},
            countsAs: prefix,
            metadata: { plan: 'gold', seats: '3' },
          },
          context: {},
        },
      },
    });
    expect((await call(local, key, '/')).status).toBe(200);
  });

  it('a key on the sample API is rejected with 401 when missing or empty, without invoking the authorizer', async () => {
    const before = local.decisions.length;
    expect(await call(local, undefined)).toEqual({ status: 401, body: UNAUTHORIZED });
    expect(await call(local, '')).toEqual({ status: 401, body: UNAUTHORIZED });
    // The last request invokes the authorizer. Its log line shows that earlier ones would have been logged.
    expect(await call(local, 'garbage')).toEqual({ status: 401, body: UNAUTHORIZED });
    await expect.poll(() => local.decisions.slice(before)).toMatchObject([{ result: 'malformed' }]);
  });

  it('a key on the sample API is rejected with 401 every time when malformed, because that is not cached', async () => {
    const before = local.decisions.length;
    for (const _ of [1, 2]) expect((await call(local, 'twice-malformed')).status).toBe(401);
    await expect.poll(() => local.decisions.length).toBe(before + 2);
  });

  it('a key on the sample API is rejected with 403 and an explicit deny when unknown', async () => {
    const stranger = newKey({ label: 'lk', randomBytes }).text;
    expect(await call(local, stranger)).toEqual({ status: 403, body: EXPLICIT_DENY });
  });

  it('a key on the sample API is accepted with any case of the header name, and rejected if the header is repeated', async () => {
    const [one, another] = [await local.key(), await local.key()];
    const send = (headers: Record<string, string | string[]>) => rawRequest(local.apiUrl, '/', { headers });
    expect((await send({ 'X-API-KEY': one.key })).status).toBe(200);
    expect((await send({ 'X-Api-Key': [one.key, one.key] })).status).toBe(401);
    expect((await send({ 'X-Api-Key': [one.key, another.key] })).status).toBe(401);
  });
});

describe('the cached result', () => {
  it('the cached result is right for every route, regardless of the first request', async () => {
    const local = await localForTest();
    const scopes = ['GET /orders/*', '* /carts/*'];
    const [first, second] = [await local.key({ scopes }), await local.key({ scopes })];

    expect((await call(local, first.key)).status).toBe(200);
    expect(await call(local, first.key, '/orders/1', 'POST')).toEqual({ status: 403, body: NOT_AUTHORIZED });
    expect((await call(local, first.key, '/carts/7', 'DELETE')).status).toBe(200);

    expect(await call(local, second.key, '/admin')).toEqual({ status: 403, body: NOT_AUTHORIZED });
    expect((await call(local, second.key, '/orders/2')).status).toBe(200);

    // Six requests, and one decision per key. A malformed key ends the log, so that nothing is missed.
    await call(local, 'garbage');
    await expect.poll(() => local.decisions.map(({ result }) => result)).toEqual(['allowed', 'scope', 'malformed']);
  });

  it('the cached result is used until the TTL has passed', async () => {
    const kept = await localForTest({ cacheTtlSeconds: 300 });
    const brief = await localForTest({ cacheTtlSeconds: 1 });
    for (const local of [kept, brief]) {
      const { key, prefix } = await local.key();
      expect((await call(local, key)).status).toBe(200);
      await local.call('update-key', { prefix, scopes: ['GET /elsewhere'] });
      if (local === kept) expect((await call(local, key)).status).toBe(200);
      else await expect.poll(() => call(local, key)).toMatchObject({ status: 403 });
    }
  });

  it('the cached result is flushed when a key is revoked, and when it is rotated without an overlap', async () => {
    const local = await localForTest({ cacheTtlSeconds: 300 });
    for (const end of ['revoke-key', 'rotate-key']) {
      const { key, prefix } = await local.key();
      expect((await call(local, key)).status).toBe(200);
      expect(await local.call(end, { prefix })).toMatchObject({
        caches: { flushed: ['rest/sample/local'], pending: [], failed: [] },
      });
      expect(await call(local, key)).toEqual({ status: 403, body: EXPLICIT_DENY });
    }
  });

  it('the cached result does not exist with a TTL of 0, so a revocation applies to the next request', async () => {
    const local = await localForTest({ cacheTtlSeconds: 0 });
    const { key, prefix } = await local.key();
    expect((await call(local, key)).status).toBe(200);
    await local.call('revoke-key', { prefix });
    expect(await call(local, key)).toEqual({ status: 403, body: EXPLICIT_DENY });
  });
});

describe('a key with the scope GET /orders/*', () => {
  let local: RunningLocal;
  let key: string;
  beforeAll(async () => {
    local = await runningLocal();
    ({ key } = await local.key({ scopes: ['GET /orders/*'] }));
  });
  afterAll(() => local.stop());

  it.each(['/orders/1', '/orders/', '/orders/1/lines/2', '/orders/a%20b', '/orders/a:b', '/orders/1?from=../x'])(
    'a key with the scope GET /orders/* can call %s',
    async (path) => {
      expect((await call(local, key, path)).status).toBe(200);
    },
  );

  it.each([
    '/orders/../admin',
    '/orders/..',
    '/orders/.',
    '/orders/./1',
    '/orders/%2e%2e/admin',
    '/orders/%2E%2E/admin',
    '/orders/.%2e/admin',
    '/orders/..%2fadmin',
    '/orders/x%2F..%2Fadmin',
    '/orders/..\\admin',
    '/orders/x%5C..%5Cadmin',
  ])('a key with the scope GET /orders/* is rejected for %s with an explicit deny', async (path) => {
    expect(await call(local, key, path)).toEqual({ status: 403, body: EXPLICIT_DENY });
  });

  it.each(['/orders', '/Orders/1', '//orders/1', '/%6frders/1', '/*', '/or*', '/', '/admin', '/x/../orders/1'])(
    'a key with the scope GET /orders/* cannot call %s',
    async (path) => {
      expect((await call(local, key, path)).status).toBe(403);
    },
  );

  it('a key with the scope GET /orders/* cannot use another method', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      expect(await call(local, key, '/orders/1', method)).toEqual({ status: 403, body: NOT_AUTHORIZED });
  });
});

describe('the gateway', () => {
  let local: RunningLocal;
  beforeAll(async () => {
    local = await runningLocal();
  });
  afterAll(() => local.stop());

  it('rejects an unknown method, a path that cannot be decoded, and a method ARN that is too long', async () => {
    const { key } = await local.key();
    const headers = { 'x-api-key': key };
    expect((await rawRequest(local.apiUrl, '/', { method: 'PROPFIND', headers })).status).toBe(403);
    expect((await rawRequest(local.apiUrl, '/%E0%A4%A', { headers })).status).toBe(400);
    expect((await rawRequest(local.apiUrl, `/${'x'.repeat(1600)}`, { headers })).status).toBe(414);
  });

  it('invokes an authorizer with several key sources every time, because it has no identity source to cache by', async () => {
    const both = await localForTest({
      authorizer: { keySources: [{ header: 'x-api-key' }, { header: 'authorization', scheme: 'Api-Key' }] },
    });
    const { key, prefix } = await both.key();
    const send = () => rawRequest(both.apiUrl, '/', { headers: { authorization: `Api-Key ${key}` } });
    expect((await send()).status).toBe(200);
    await both.call('revoke-key', { prefix });
    expect((await send()).status).toBe(403);
    expect((await rawRequest(both.apiUrl, '/')).status).toBe(401);
  });

  it('never logs a key', async () => {
    const { key } = await local.key();
    await call(local, key);
    await call(local, `${key}x`);
    await expect.poll(() => local.decisions.at(-1)?.result).toBe('malformed');
    expect(local.lines.join('\n')).not.toContain(key.slice(-49));
  });
});
