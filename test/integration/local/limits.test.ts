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

describe('limits, through the deployed bundles', () => {
  let local: Local;
  beforeAll(async () => {
    local = await start({ table: 'limits-e2e' });
  });
  afterAll(() => local.stop());

  it('24 parallel requests of a key that may make 10 a day: 10 get in, the others are told when to come back', async () => {
    const key = await issue(local, { limits: { quota: '10/day' } });
    const responses = await Promise.all(Array.from({ length: 24 }, () => call(local, key)));
    const statuses = responses.map(({ status }) => status);
    expect([200, 429].map((wanted) => statuses.filter((status) => status === wanted).length)).toEqual([10, 14]);
    for (const { status, headers } of responses) {
      expect(headers.get('ratelimit-policy')).toBe('"quota";q=10;w=86400');
      if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('a plan is values, not a common bucket', async () => {
    const keys = [await issue(local, { plan: 'free' }), await issue(local, { plan: 'free' })];
    for (const key of keys) {
      const { headers } = await call(local, key);
      expect(headers.get('ratelimit')).toMatch(/^"rate";r=4;t=1, "quota";r=99;t=\d+$/);
    }
  });

  it('a rotated key goes on with the counters of the first', async () => {
    const key = await issue(local, { limits: { quota: '1/day' } });
    expect((await call(local, key)).status).toBe(200);
    const outcome = await local
      .function('rotate-key')
      .invoke(JSON.stringify({ prefix: key.split('_').at(-2), overlap: '1h' }));
    if (!outcome.ok) throw new Error(outcome.error.errorMessage);
    expect((await call(local, (JSON.parse(outcome.payload) as IssuedKey).key ?? '')).status).toBe(429);
  });
});

describe('the authorizer itself, without its cache', () => {
  it('refuses with 403, for it cannot answer 429', async () => {
    const lines: string[] = [];
    const local = await start({
      table: 'limits-authorizer-e2e',
      cacheTtlSeconds: 0,
      limitInAuthorizer: true,
      log: (name, line) => name === 'limiting-authorizer' && lines.push(line),
    });
    try {
      const key = await issue(local, { limits: { quota: '1/day' } });
      // The sample API behind counts too, on the same counters: so even the first is one too many there.
      expect((await call(local, key)).status).toBe(429);
      expect((await call(local, key)).status).toBe(403);
      expect(lines.join()).toContain('"result":"limited"');
    } finally {
      await local.stop();
    }
  });
});
