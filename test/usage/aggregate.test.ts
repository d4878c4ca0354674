import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { UsageStore } from '../../functions/store/usage-store.ts';
import { aggregate } from '../../functions/usage/aggregate.ts';
import { createUsageTable } from '../../local/create-table.ts';
import { testTable } from '../store/test-table.ts';

const NOON = Date.UTC(2027, 0, 15, 12);
let usage: UsageStore;
let line = 0;

beforeAll(async () => {
  usage = new UsageStore(await testTable(createUsageTable));
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
const batch = (logEvents: object[], messageType = 'DATA_MESSAGE') => ({
  awslogs: { data: gzipSync(JSON.stringify({ messageType, logEvents })).toString('base64') },
});
const deliver = (event: ReturnType<typeof batch>) => aggregate(event, { usage, now: () => NOON });
const read = (keyId: string) => usage.read(keyId, '2027-01-01', '2027-01-31');

it('counts by key, day and route: requests, errors, throttled, latency and the last use', async () => {
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
  // A key that was moved in has an id of another form.
  for (const other of ['cccccccccccc', 'drf.cccccccc'])
    expect(await read(other)).toEqual([expect.objectContaining({ requests: 1 })]);
  expect(await read('cccccccccccc')).toMatchObject([{ requests: 1 }]);
});

it('counts a batch once, however often it is delivered, even at the same time', async () => {
  const keyId = 'dddddddddddd';
  const event = batch(Array.from({ length: 50 }, (_, i) => logged({ keyId, route: `GET /${String(i % 7)}` })));
  await Promise.all([deliver(event), deliver(event), deliver(event)]);
  await deliver(event);
  const rows = await read(keyId);
  expect(rows).toHaveLength(7);
  expect(rows.reduce((all, { requests }) => all + requests, 0)).toBe(50);
});

it('finishes a batch that failed halfway, without counting its first half again', async () => {
  const keys = ['eeeeeeeeeee1', 'eeeeeeeeeee2', 'eeeeeeeeeee3'];
  const event = batch(keys.flatMap((keyId) => [logged({ keyId }), logged({ keyId })]));
  for (const failing of keys) {
    const broken: Pick<UsageStore, 'add'> = {
      add: (keyId, ...rest) => (keyId === failing ? Promise.reject(new Error('outage')) : usage.add(keyId, ...rest)),
    };
    await expect(aggregate(event, { usage: broken })).rejects.toThrow('outage');
  }
  await deliver(event);
  for (const keyId of keys) expect(await read(keyId)).toMatchObject([{ requests: 2 }]);
});

it('loses none of many batches of one key at once, and keeps the latest use whatever order they come in', async () => {
  const keyId = 'ffffffffffff';
  const times = [NOON + 9000, NOON, NOON + 3000, NOON + 12_000, NOON + 1000];
  await Promise.all(times.map((time) => deliver(batch([logged({ keyId, time })]))));
  expect(await read(keyId)).toMatchObject([{ requests: 5, lastUsedAt: NOON + 12_000 }]);
  await deliver(batch([logged({ keyId, time: NOON + 2000 })]));
  expect(await read(keyId)).toMatchObject([{ requests: 6, lastUsedAt: NOON + 12_000 }]);
});

it('takes more routes than one transaction does', async () => {
  const keyId = 'gggggggggggg';
  await deliver(batch(Array.from({ length: 250 }, (_, i) => logged({ keyId, route: `GET /${String(i)}` }))));
  expect(await read(keyId)).toHaveLength(250);
});

describe('what is no request with a key is left out', () => {
  it.each([
    ['not JSON', 'hello'],
    ['another key', '{"keyId":"-","route":"GET /","status":"401","time":"1"}'],
    ['no time', '{"keyId":"hhhhhhhhhhhh","route":"GET /","status":"200","time":"-"}'],
    ['no status', '{"keyId":"hhhhhhhhhhhh","route":"GET /","status":"-","time":"1"}'],
    ['null', 'null'],
  ])('%s', async (_what, message) => {
    const unused = { add: () => Promise.reject(new Error('counted')) };
    const odd = batch([{ id: 'x', timestamp: NOON, message }]);
    await expect(aggregate(odd, { usage: unused })).resolves.toBeUndefined();
  });

  it("and CloudWatch Logs' own messages", async () => {
    const unused = { add: () => Promise.reject(new Error('counted')) };
    await expect(aggregate(batch([logged({})], 'CONTROL_MESSAGE'), { usage: unused })).resolves.toBeUndefined();
  });
});
