import { inject, describe, expect, it, beforeAll, afterAll } from 'vitest';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import { startLocal, type Local } from '../../../local/server.ts';

const start = (options: Parameters<typeof startLocal>[0]) =>
  startLocal({ port: 0, adminPort: 0, dynamodbEndpoint: inject('dynamodbEndpoint'), ...options });

async function issue(local: Local, input: object): Promise<string> {
  const outcome = await local.function('create-key').invoke(JSON.stringify({ name: 'x', ...input }));
  if (!outcome.ok) throw new Error(outcome.error.errorMessage);
  return (JSON.parse(outcome.payload) as IssuedKey).key ?? '';
}
const call = (local: Local, key: string) => fetch(`${local.apiUrl}/orders`, { headers: { 'x-api-key': key } });

describe('limits of a key, enforced by the built functions', () => {
  let local: Local;
  beforeAll(async () => {
    local = await start({ table: 'limits-e2e' });
  });
  afterAll(() => local.stop());

  it('limits allow 10 of 24 parallel requests with a quota of 10/day, and send Retry-After with the others', async () => {
    const key = await issue(local, { limits: { quota: '10/day' } });
    const responses = await Promise.all(Array.from({ length: 24 }, () => call(local, key)));
    const statuses = responses.map(({ status }) => status);
    expect([200, 429].map((wanted) => statuses.filter((status) => status === wanted).length)).toEqual([10, 14]);
    for (const { status, headers } of responses) {
      expect(headers.get('ratelimit-policy')).toBe('"quota";q=10;w=86400');
      if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('limits are counted separately for each key of a plan', async () => {
    const keys = [await issue(local, { plan: 'free' }), await issue(local, { plan: 'free' })];
    for (const key of keys) {
      const { headers } = await call(local, key);
      expect(headers.get('ratelimit')).toMatch(/^"rate";r=4;t=1, "quota";r=99;t=\d+$/);
    }
  });

  it('limits are counted together for a key and its replacement', async () => {
    const key = await issue(local, { limits: { quota: '1/day' } });
    expect((await call(local, key)).status).toBe(200);
    const outcome = await local
      .function('rotate-key')
      .invoke(JSON.stringify({ prefix: key.split('_').at(-2), overlap: '1h' }));
    if (!outcome.ok) throw new Error(outcome.error.errorMessage);
    expect((await call(local, (JSON.parse(outcome.payload) as IssuedKey).key ?? '')).status).toBe(429);
  });
});

describe('an authorizer that enforces limits, without a cache', () => {
  it('rejects with 403, because an authorizer cannot return 429', async () => {
    const lines: string[] = [];
    const local = await start({
      table: 'limits-authorizer-e2e',
      cacheTtlSeconds: 0,
      limitInAuthorizer: true,
      log: (name, line) => name === 'limiting-authorizer' && lines.push(line),
    });
    try {
      const key = await issue(local, { limits: { quota: '1/day' } });
      // The sample API counts on the same counters, so it rejects even the first request.
      expect((await call(local, key)).status).toBe(429);
      expect((await call(local, key)).status).toBe(403);
      expect(lines.join()).toContain('"result":"limited"');
    } finally {
      await local.stop();
    }
  });
});
