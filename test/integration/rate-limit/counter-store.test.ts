import { randomUUID } from 'node:crypto';
import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { searchSize } from '../../support/search-size.ts';
import { parseLimits, quotaWindow, type Limits } from '../../../src/core/limits/limits.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { CounterStore } from '../../../src/rate-limit/counter-store.ts';
import { localConnection, testLimitsTable } from '../../support/storage/test-table.ts';

const NOON = Date.UTC(2027, 0, 15, 12);
let client: DynamoDBDocumentClient;
let tableName: string;
let writes: number;

beforeAll(async () => {
  ({ tableName } = await testLimitsTable());
  // Like the limiter's client in production, but with longer timeouts: one process has the connections of 200 environments.
  const requestHandler = { connectionTimeout: 20_000, requestTimeout: 20_000, httpAgent: { maxSockets: 200 } };
  client = documentClient({ ...localConnection(), maxAttempts: 1, requestHandler });
  client.middlewareStack.add(
    (next) => (args) => {
      writes++;
      return next(args);
    },
    { step: 'initialize' },
  );
});
beforeEach(() => {
  writes = 0;
});

/** Stores with separate memory, like one Lambda environment each. */
const store = () => new CounterStore({ client, tableName });
const stores = (count: number) => Array.from({ length: count }, store);

async function admitted(calls: number, limits: Limits, environments: CounterStore[], now = NOON, id = randomUUID()) {
  const parsed = parseLimits(limits);
  const outcomes = await Promise.all(
    Array.from({ length: calls }, async (_, call) => environments[call % environments.length]?.count(id, parsed, now)),
  );
  return outcomes.filter((outcome) => outcome?.counted).length;
}

describe('200 parallel calls on a limit of 100', () => {
  it.each<Limits>([
    { rate: '100/s' },
    { rate: '1/h', burst: 100 },
    { quota: '100/month' },
    { rate: '100/min', quota: '1000/day' },
    { rate: '1000/s', quota: '100/day' },
  ])('admits exactly 100 of 200 parallel requests for %j, from 1, 10 and 200 environments', async (limits) => {
    expect(await admitted(200, limits, stores(1))).toBe(100);
    expect(await admitted(200, limits, stores(10))).toBe(100);
    expect(await admitted(200, limits, stores(200))).toBe(100);
  });

  it('counts each admitted request exactly once', async () => {
    const id = randomUUID();
    await admitted(200, { rate: '100/s', quota: '100/day' }, stores(20), NOON, id);
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: { id } }));
    expect(Item).toMatchObject({ used: 100, fullAt: NOON * 1000 + 100 * 10_000 });
  });
});

describe('the token bucket', () => {
  it('refills one token per interval, up to the burst', async () => {
    const id = randomUUID();
    const limits = { rate: '10/s', burst: 3 };
    const all = stores(2);
    expect(await admitted(5, limits, all, NOON, id)).toBe(3);
    expect(await admitted(5, limits, all, NOON + 99, id)).toBe(0);
    expect(await admitted(5, limits, all, NOON + 100, id)).toBe(1);
    expect(await admitted(5, limits, all, NOON + 300, id)).toBe(2);
    expect(await admitted(5, limits, all, NOON + 3_600_000, id)).toBe(3);
  });

  it.each<[string, Limits, Limits]>([
    ['raised', { rate: '200/h' }, { rate: '100/s' }],
    ['given a smaller burst', { rate: '1/s', burst: 100 }, { rate: '1/s', burst: 10 }],
  ])('starts empty after its rate is %s, without a delay for requests counted before', async (_what, old, changed) => {
    const id = randomUUID();
    const { rate: { requests = 0, burst = 0, intervalUs = 0 } = {} } = parseLimits(changed);
    expect(await admitted(201, old, stores(3), NOON, id)).toBe(parseLimits(old).rate?.burst);
    // Only one request, regardless of how many arrive at once and what the environments remember.
    expect(await admitted(50, changed, stores(20), NOON, id)).toBe(1);
    expect(await admitted(50, changed, stores(20), NOON + Math.ceil(intervalUs / 1000), id)).toBe(1);
    const later = NOON + Math.ceil((burst * intervalUs) / 1000) + 1000;
    expect(await admitted(200, changed, stores(3), later, id), `of ${String(requests)}`).toBe(burst);
  });

  it('never admits more than the larger of several rates that alternate', async () => {
    const rates = [{ rate: '6/min', burst: 6 }, { rate: '100/s' }, { rate: '1/h', burst: 20 }].map(parseLimits);
    const step = fc.record({ pause: fc.constantFrom(0, 1, 10, 1000, 60_000), which: fc.nat(2), who: fc.nat(2) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const id = randomUUID();
        const environments = stores(3);
        let now = NOON;
        let last: number | undefined;
        let changes = 0;
        let letIn = 0;
        for (const { pause, which, who } of steps) {
          now += pause;
          if (which !== last) changes++;
          last = which;
          if ((await environments[who]?.count(id, rates[which] ?? {}, now))?.counted === true) letIn++;
        }
        // The bucket of `100/s`, the tokens it gains, and one request per change.
        expect(letIn).toBeLessThanOrEqual(100 + ((now - NOON) * 100) / 1000 + changes);
        // No key is locked out: a minute later, a request is admitted.
        for (const limits of rates.slice(0, 2))
          expect((await store().count(id, limits, (now += 60_000))).counted).toBe(true);
      }),
      { numRuns: searchSize(5, 20) },
    );
  });
});

describe('the quota', () => {
  it.each(['day', 'week', 'month'] as const)(
    'resets a quota per %s at the start of the next period, not earlier',
    async (period) => {
      const id = randomUUID();
      const { end } = quotaWindow(period, NOON);
      const limits = { quota: `2/${period}` };
      const all = stores(2);
      expect(await admitted(3, limits, all, NOON, id)).toBe(2);
      expect(await admitted(3, limits, all, end - 1, id)).toBe(0);
      expect(await admitted(3, limits, all, end, id)).toBe(2);
      // An environment whose clock is behind does not reopen the old period.
      expect(await admitted(3, limits, stores(1), end - 1, id)).toBe(0);
    },
  );

  it('counts neither limit if the other one rejects the request', async () => {
    const id = randomUUID();
    const limits = { rate: '1/s', quota: '2/day' };
    expect(await admitted(5, limits, [store()], NOON, id)).toBe(1);
    expect(await admitted(5, limits, [store()], NOON + 1000, id)).toBe(1);
    expect(await admitted(5, limits, [store()], NOON + 60_000, id)).toBe(0);
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: { id } }));
    expect(Item).toMatchObject({ used: 2, fullAt: (NOON + 2000) * 1000 });
  });

  it('keeps the used requests when the quota changes', async () => {
    const id = randomUUID();
    expect(await admitted(5, { quota: '2/day' }, [store()], NOON, id)).toBe(2);
    expect(await admitted(5, { quota: '4/day' }, [store()], NOON, id)).toBe(2);
    expect(await admitted(5, { quota: '3/day' }, [store()], NOON, id)).toBe(0);
  });
});

it('admits the same requests as a token bucket and a calendar counter, from any environment at any time', async () => {
  const step = fc.record({ pause: fc.constantFrom(0, 1, 40, 333, 1000, 5000, 43_200_000), who: fc.nat(2) });
  const limits = { rate: '3/s', burst: 4, quota: '9/day' };
  const parsed = parseLimits(limits);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const id = randomUUID();
      const environments = stores(3);
      let now = NOON;
      let tokens = 4 * 333_333;
      let day = quotaWindow('day', now).start;
      let left = 9;
      for (const { pause, who } of steps) {
        now += pause;
        tokens = Math.min(4 * 333_333, tokens + pause * 1000);
        if (quotaWindow('day', now).start !== day) {
          day = quotaWindow('day', now).start;
          left = 9;
        }
        const expected = tokens >= 333_333 && left > 0;
        if (expected) {
          tokens -= 333_333;
          left--;
        }
        expect((await environments[who]?.count(id, parsed, now))?.counted).toBe(expected);
      }
    }),
    { numRuns: searchSize(8, 30) },
  );
});

describe('the cost of counting', () => {
  it('takes one write per request if one environment serves a key, for rate and quota together', async () => {
    const [one = store()] = stores(1);
    const limits = parseLimits({ rate: '10/s', quota: '1000/day' });
    const id = randomUUID();
    for (let call = 0; call < 50; call++) await one.count(id, limits, NOON + 150 * call);
    expect(writes).toBe(50);
  });

  it('takes no write for a second after a rejection, however often the client retries', async () => {
    const [one = store()] = stores(1);
    const id = randomUUID();
    const limits = parseLimits({ quota: '1/day' });
    await one.count(id, limits, NOON);
    for (let call = 0; call < 50; call++) expect((await one.count(id, limits, NOON + call)).counted).toBe(false);
    expect(writes).toBe(1);
  });

  it('lets TTL remove the counters a day after they become irrelevant', async () => {
    const id = randomUUID();
    await store().count(id, parseLimits({ rate: '1/s', quota: '5/month' }), NOON);
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: { id } }));
    expect(Item?.['ttl']).toBe(Date.UTC(2027, 1, 2) / 1000);
  });
});
