import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KeyUsage } from '../../../src/management/operations/usage.ts';
import { runningLocal, type RunningLocal } from '../../support/local/running.ts';

let local: RunningLocal;
beforeAll(async () => {
  // With the authorizer cache, as in a deployment: the authorizer is invoked once per key, but usage counts every request.
  local = await runningLocal();
});
afterAll(() => local.stop());

/** A random number generator with a fixed seed. */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

it('usage counts every request of a morning of traffic exactly', async () => {
  const draw = draws(20_270_115);
  const keys = [
    await local.key({ name: 'reads all over' }),
    await local.key({ name: 'may only read orders', scopes: ['GET /orders/*'] }),
    await local.key({ name: 'limited', limits: { quota: '25/day' } }),
    await local.key({ name: 'never used' }),
  ];
  const calls = ['GET /', 'GET /orders/1', 'POST /orders/1', 'DELETE /orders/2', 'GET /reports'].map((one) =>
    one.split(' '),
  );
  const truth = new Map(keys.map(({ prefix }) => [prefix, new Map<string, [number, number, number]>()]));

  for (let minute = 0; minute < 40; minute++) {
    await Promise.all(
      Array.from({ length: 1 + draw(12) }, async () => {
        const who = keys[draw(3)];
        const [method = '', path = ''] = calls[draw(calls.length)] ?? [];
        if (who === undefined) return;
        const { status } = await fetch(local.apiUrl + path, { method, headers: { 'x-api-key': who.key } });
        const route = `${method} ${path === '/' ? '/' : '/{proxy+}'}`;
        const row = truth.get(who.prefix)?.get(route) ?? [0, 0, 0];
        row[0]++;
        if (status === 429) row[2]++;
        else if (status >= 400) row[1]++;
        truth.get(who.prefix)?.set(route, row);
      }),
    );
    // Requests without a key, or with a malformed one, are not counted.
    if (draw(4) === 0) await fetch(local.apiUrl);
    if (draw(4) === 0) await fetch(local.apiUrl, { headers: { 'x-api-key': 'lk_nonsense' } });
  }

  const usage = async (prefix: string) => (await local.call('get-usage', { prefix })) as unknown as KeyUsage;
  const counted = async (prefix: string) => {
    const rows = (await usage(prefix)).days.flatMap(({ routes }) => routes);
    const byRoute = new Map<string, [number, number, number]>();
    // The traffic can continue past midnight.
    for (const { route, requests, errors, throttled } of rows) {
      const [a, b, c] = byRoute.get(route) ?? [0, 0, 0];
      byRoute.set(route, [a + requests, b + errors, c + throttled]);
    }
    return byRoute;
  };
  for (const { prefix } of keys)
    await expect.poll(() => counted(prefix), { timeout: 20_000 }).toEqual(truth.get(prefix));

  const totals = await Promise.all(keys.map(({ prefix }) => usage(prefix)));
  console.log(
    'usage of a morning of traffic:',
    totals.map(({ requests, errors, throttled }) => ({ requests, errors, throttled })),
  );
  expect(totals[1]?.errors).toBeGreaterThan(0);
  expect(totals[2]?.throttled).toBeGreaterThan(0);
  expect(totals[3]).toMatchObject({ requests: 0, averageLatencyMs: null, lastUsedAt: null, days: [] });
  // The authorizer was invoked for far fewer requests, because API Gateway cached its results.
  const requests = totals.reduce((all, one) => all + one.requests, 0);
  expect(local.decisions.filter(({ result }) => result !== 'malformed').length).toBeLessThan(requests / 4);
  expect(local.lines.join()).not.toContain(keys[0]?.key);
});

it('the admin API returns usage for a range of days, and 404 for an unknown key', async () => {
  const { prefix } = await local.key();
  expect(await local.call('get-usage', { prefix, from: '2027-01-01', to: '2027-01-31' })).toMatchObject({
    from: '2027-01-01',
    to: '2027-01-31',
    requests: 0,
  });
  const refused = async (input: object) =>
    (await local.call('get-usage', input)) as { error?: { code: string; message: string } };
  expect((await refused({ prefix: '000000000000' })).error?.code).toBe('not_found');
  expect((await refused({ prefix, from: '2027-02-01', to: '2027-01-31' })).error?.message).toMatch(/later than "to"/);
  expect((await refused({ prefix, from: '2026-01-01', to: '2027-01-31' })).error?.message).toMatch(/over 93 days/);
  expect((await refused({ prefix, from: 'yesterday' })).error?.code).toBe('invalid_input');
});
