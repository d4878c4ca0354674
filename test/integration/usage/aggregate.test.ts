import { gzipSync } from 'node:zlib';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { KEEP_SEEN_SECONDS, UsageStore } from '../../../src/usage/usage-store.ts';
import { usageClient } from '../../../src/usage/usage-from-environment.ts';
import { aggregate } from '../../../src/usage/aggregate.ts';
import type { UnreadableLines } from '../../../src/usage/report.ts';
import { createUsageTable } from '../../../local/create-table.ts';
import { localConnection, testTable } from '../../support/storage/test-table.ts';

const NOON = Date.UTC(2027, 0, 15, 12);
let usage: UsageStore;
let table: Awaited<ReturnType<typeof testTable>>;
let line = 0;

beforeAll(async () => {
  table = await testTable(createUsageTable);
  usage = new UsageStore({ ...table, client: usageClient(localConnection()) });
});

interface Access {
  readonly keyId?: string;
  readonly route?: string;
  readonly status?: number;
  readonly time?: number;
}
const logged = ({ keyId = 'aaaaaaaaaaaa', route = 'GET /orders', status = 200, time = NOON }: Access) => ({
  id: String(line++),
  timestamp: time,
  message: JSON.stringify({ keyId, route, status: String(status), time: String(time), latencyMs: '7' }),
});
const batch = (logEvents: readonly object[], messageType = 'DATA_MESSAGE') => ({
  awslogs: {
    data: gzipSync(JSON.stringify({ messageType, logGroup: 'access', logStream: 'stream', logEvents })).toString(
      'base64',
    ),
  },
});
const refuseUnreadable = ({ ids }: UnreadableLines) => expect.fail(`unreadable: ${ids.join()}`);
const deliver = (event: ReturnType<typeof batch>, store: Pick<UsageStore, 'add'> = usage) =>
  aggregate(event, { usage: store, reportUnreadable: refuseUnreadable, now: () => NOON });
const read = (keyId: string) => usage.read(keyId, '2027-01-01', '2027-01-31');
const requestsOf = async (keyId: string) => (await read(keyId)).reduce((all, { requests }) => all + requests, 0);

it('counts by key, day and route: requests, errors, throttled requests, latency, and last use', async () => {
  const keyId = 'bbbbbbbbbbbb';
  const late = Date.UTC(2027, 0, 15, 23, 59, 59, 999);
  await deliver(
    batch([
      logged({ keyId }),
      logged({ keyId, status: 404, time: NOON + 5 }),
      logged({ keyId, status: 429, time: NOON + 3 }),
      logged({ keyId, status: 500, route: 'POST /orders/{id}', time: late }),
      logged({ keyId, time: late + 1 }),
      logged({ keyId: 'cccccccccccc' }),
      logged({ keyId: 'drf.cccccccc' }),
    ]),
  );
  expect(await read(keyId)).toEqual([
    {
      day: '2027-01-15',
      route: 'GET /orders',
      requests: 3,
      errors: 1,
      throttled: 1,
      latencyMs: 21,
      lastUsedAt: NOON + 5,
    },
    {
      day: '2027-01-15',
      route: 'POST /orders/{id}',
      requests: 1,
      errors: 1,
      throttled: 0,
      latencyMs: 7,
      lastUsedAt: late,
    },
    {
      day: '2027-01-16',
      route: 'GET /orders',
      requests: 1,
      errors: 0,
      throttled: 0,
      latencyMs: 7,
      lastUsedAt: late + 1,
    },
  ]);
  // The ID of an imported key has another format.
  for (const other of ['cccccccccccc', 'drf.cccccccc'])
    expect(await read(other)).toEqual([expect.objectContaining({ requests: 1 })]);
  expect(await read('cccccccccccc')).toMatchObject([{ requests: 1 }]);
});

it('counts a batch once when it is delivered several times, also at the same time', async () => {
  const keyId = 'dddddddddddd';
  const event = batch(Array.from({ length: 50 }, (_, i) => logged({ keyId, route: `GET /${String(i % 7)}` })));
  await Promise.all([deliver(event), deliver(event), deliver(event)]);
  await deliver(event);
  expect(await read(keyId)).toHaveLength(7);
  expect(await requestsOf(keyId)).toBe(50);
});

it(
  'counts each line once when it is redelivered in any order, batch, and concurrency',
  { timeout: 240_000 },
  async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            key: fc.integer({ min: 0, max: 3 }),
            route: fc.integer({ min: 0, max: 60 }),
            // Two seconds, at midnight.
            offset: fc.integer({ min: -1000, max: 999 }),
            status: fc.constantFrom(200, 404, 429, 500),
          }),
          { minLength: 1, maxLength: 250 },
        ),
        // Each delivery takes lines by their index, in its own order.
        fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 300 }), { maxLength: 6 }),
        fc.boolean(),
        async (requests, picks, atOnce) => {
          run += 1;
          const keyOf = (key: number) => `p${String(run).padStart(9, '0')}x${String(key)}`;
          const accesses = requests.map(({ key, route, offset, status }) => ({
            keyId: keyOf(key),
            route: `GET /${String(route)}`,
            time: Date.UTC(2027, 0, 16) + offset,
            status,
          }));
          const lines = accesses.map(logged);
          const deliveries = [...picks.map((indexes) => indexes.map((i) => lines[i % lines.length] ?? {})), lines];
          if (atOnce) await Promise.all(deliveries.map((some) => deliver(batch(some))));
          else for (const some of deliveries) await deliver(batch(some));

          const model = new Map<string, { requests: number; errors: number; throttled: number; lastUsedAt: number }>();
          for (const { keyId, route, time, status } of accesses) {
            const row = `${keyId} ${time < Date.UTC(2027, 0, 16) ? '2027-01-15' : '2027-01-16'} ${route}`;
            const so = model.get(row) ?? { requests: 0, errors: 0, throttled: 0, lastUsedAt: 0 };
            model.set(row, {
              requests: so.requests + 1,
              errors: so.errors + (status === 404 || status === 500 ? 1 : 0),
              throttled: so.throttled + (status === 429 ? 1 : 0),
              lastUsedAt: Math.max(so.lastUsedAt, time),
            });
          }
          const stored = new Map<string, object>();
          for (const keyId of new Set(accesses.map((access) => access.keyId)))
            for (const { day, route, latencyMs, ...counts } of await read(keyId)) {
              expect(latencyMs).toBe(counts.requests * 7);
              stored.set(`${keyId} ${day} ${route}`, counts);
            }
          expect(stored).toEqual(model);
        },
      ),
      { numRuns: 30 },
    );
  },
);

it('keeps what it has counted when it fails halfway, and counts the rest at the next attempt', async () => {
  const keys = ['eeeeeeeeeee1', 'eeeeeeeeeee2', 'eeeeeeeeeee3'];
  const event = batch(keys.flatMap((keyId) => [logged({ keyId }), logged({ keyId })]));
  const broken: Pick<UsageStore, 'add'> = {
    add: (lines, now) =>
      lines.some(({ keyId }) => keyId === keys[1]) ? Promise.reject(new Error('outage')) : usage.add(lines, now),
  };
  await expect(deliver(event, broken)).rejects.toThrow('1 parts of the batch were not counted: Error: outage');
  expect(await Promise.all(keys.map(requestsOf))).toEqual([2, 0, 2]);
  await deliver(event);
  expect(await Promise.all(keys.map(requestsOf))).toEqual([2, 2, 2]);
});

it(
  'finishes a batch that is cut off at each attempt, because each attempt skips what was written',
  { timeout: 240_000 },
  async () => {
    const event = batch(
      Array.from({ length: 2000 }, (_, i) => logged({ keyId: `t${String(i).padStart(11, '0')}`, time: NOON + i })),
    );
    const left: number[] = [];
    for (let attempt = 0; attempt < 20 && left.at(-1) !== 0; attempt += 1) {
      let budget = 10;
      let missing = 0;
      const cutOff: Pick<UsageStore, 'add'> = {
        add: async (lines, now) => {
          // As if the function stopped here: only the completed writes are stored.
          if (budget <= 0) {
            missing += 1;
            return 0;
          }
          const added = await usage.add(lines, now);
          if (added > 0) budget -= 1;
          return added;
        },
      };
      await deliver(event, cutOff);
      left.push(missing);
    }
    expect(left.at(-1)).toBe(0);
    expect(await requestsOf('t00000000000')).toBe(1);
    expect(await requestsOf('t00000001999')).toBe(1);
  },
);

it('counts many batches of one key at the same time, and keeps the latest use', async () => {
  const keyId = 'ffffffffffff';
  const times = [NOON + 9000, NOON, NOON + 3000, NOON + 12_000, NOON + 1000];
  await Promise.all(times.map((time) => deliver(batch([logged({ keyId, time })]))));
  expect(await read(keyId)).toMatchObject([{ requests: 5, lastUsedAt: NOON + 12_000 }]);
  await deliver(batch([logged({ keyId, time: NOON + 2000 })]));
  expect(await read(keyId)).toMatchObject([{ requests: 6, lastUsedAt: NOON + 12_000 }]);
});

it('counts 60 small batches of one key in the same second, all delivered at once', { timeout: 180_000 }, async () => {
  const keyId = 'hhhhhhhhhhhh';
  const started = performance.now();
  await Promise.all(Array.from({ length: 60 }, () => deliver(batch([logged({ keyId }), logged({ keyId })]))));
  console.log(`60 concurrent batches of one key: ${String(Math.round(performance.now() - started))} ms`);
  expect(await requestsOf(keyId)).toBe(120);
});

it('counts 10,000 lines of 5,000 keys in one batch', { timeout: 180_000 }, async () => {
  const keyOf = (i: number) => `b${String(i % 5000).padStart(11, '0')}`;
  const lines = Array.from({ length: 10_000 }, (_, i) => logged({ keyId: keyOf(i), time: NOON + i * 6 }));
  for (const what of ['first', 'second']) {
    const started = performance.now();
    await deliver(batch(lines));
    console.log(`10,000 lines of 5,000 keys, ${what} delivery: ${String(Math.round(performance.now() - started))} ms`);
  }
  for (const i of [0, 1, 2500, 4999]) expect(await requestsOf(keyOf(i))).toBe(2);
});

it('counts more routes of a key than one transaction can have', async () => {
  const keyId = 'gggggggggggg';
  const lines = Array.from({ length: 250 }, (_, i) => logged({ keyId, route: `GET /${String(i)}` }));
  await deliver(batch(lines));
  await deliver(batch(lines.toReversed()));
  expect(await read(keyId)).toHaveLength(250);
  expect(await requestsOf(keyId)).toBe(250);
});

it('gives what it remembers of counted lines a TTL, in one item for each key and second', async () => {
  const keyId = 'iiiiiiiiiiii';
  await deliver(batch(Array.from({ length: 100 }, (_, i) => logged({ keyId, time: NOON + i * 20 }))));
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      KeyConditionExpression: 'prefix = :prefix AND begins_with(entry, :seen)',
      ExpressionAttributeValues: { ':prefix': keyId, ':seen': 'seen#' },
    }),
  );
  expect(Items.map(({ lines }) => (lines as Set<string>).size)).toEqual([50, 50]);
  for (const { ttl } of Items) expect(ttl).toBe(NOON / 1000 + KEEP_SEEN_SECONDS);
});

describe('a line that is not in the format', () => {
  it.each([
    ['not JSON', 'hello'],
    ['broken by a quote in a value', '{"keyId":"jjjjjjjjjjjj","owner":"a"b","route":"GET /","status":"200"}'],
    [
      'a time that Date cannot represent',
      '{"keyId":"jjjjjjjjjjjj","route":"GET /","status":"200","time":"9000000000000000"}',
    ],
    ['an empty time', '{"keyId":"jjjjjjjjjjjj","route":"GET /","status":"200","time":""}'],
    [
      'a latency that DynamoDB cannot store',
      `{"keyId":"jjjjjjjjjjjj","route":"GET /","status":"200","time":"${String(NOON)}","latencyMs":"1e40"}`,
    ],
    ['null', 'null'],
  ])('(%s) is reported and does not prevent the others from being counted', async (_what, message) => {
    const keyId = 'jjjjjjjjjjjj';
    const before = await requestsOf(keyId);
    const reports: UnreadableLines[] = [];
    await aggregate(batch([logged({ keyId }), { id: 'odd', timestamp: NOON, message }, logged({ keyId })]), {
      usage,
      reportUnreadable: (lines) => reports.push(lines),
      now: () => NOON,
    });
    expect(reports).toEqual([{ logGroup: 'access', logStream: 'stream', ids: ['odd'] }]);
    expect(await requestsOf(keyId)).toBe(before + 2);
  });
});

describe('a line that is not about a key', () => {
  const unused = { add: () => Promise.reject(new Error('counted')) };

  it('a line that is not about a key is left out without a report', async () => {
    await deliver(batch([logged({ keyId: '-' })]), unused);
  });

  it('a line that is not about a key is left out when it is a message of CloudWatch Logs itself', async () => {
    await deliver(batch([logged({})], 'CONTROL_MESSAGE'), unused);
  });
});
