import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseLimits } from '../../../src/core/limits/limits.ts';
import { CounterStore } from '../../../src/rate-limit/counter-store.ts';
import { countingClient } from '../../../src/rate-limit/counting-client.ts';
import { drip } from '../../support/drip.ts';
import {
  answer,
  fakeDynamoDb,
  refuse,
  type Behaviour,
  type FakeDynamoDb,
} from '../../support/storage/fast-reader/fake-dynamodb.ts';
import { localConnection } from '../../support/storage/test-table.ts';

const COUNTED = answer({ Attributes: {} });

describe('counting a request', () => {
  let dynamodb: FakeDynamoDb;
  let count: () => Promise<unknown>;
  beforeEach(async () => {
    dynamodb = await fakeDynamoDb();
    const client = countingClient({ ...localConnection(), endpoint: dynamodb.endpoint });
    const counters = new CounterStore({ client, tableName: 't' });
    count = () => counters.count('key', parseLimits({ rate: '100/s' }), Date.now());
  });
  afterEach(() => {
    dynamodb.stop();
  });

  it('uses a new connection if the old one was closed while the environment was frozen', async () => {
    dynamodb.next(COUNTED);
    await count();
    // Blocks this thread while the connection closes, as a freeze would: the client notices only when it writes.
    dynamodb.closeConnections();
    expect(await count()).toMatchObject({ counted: true });
    expect(dynamodb.received.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('retries the write once after a connection reset, not twice', async () => {
    const reset: Behaviour = (_response, socket) => socket.resetAndDestroy();
    dynamodb.next(reset, COUNTED);
    expect(await count()).toMatchObject({ counted: true });
    dynamodb.next(reset);
    await expect(count()).rejects.toThrow();
    expect(dynamodb.received).toHaveLength(4);
  });

  it.each<[string, Behaviour]>([
    ['gets no response', () => undefined],
    ['gets a response in small parts that never completes', drip],
    [
      'gets a truncated response',
      (response, socket) => response.writeHead(200, { 'content-length': '99' }).write('{', () => socket.destroy()),
    ],
    ['gets a server error', refuse(500, 'InternalServerError')],
    ['is throttled', refuse(400, 'ProvisionedThroughputExceededException')],
  ])('counts at most once if the write %s', async (_what, trouble) => {
    dynamodb.next(trouble, COUNTED);
    await expect(count()).rejects.toThrow();
    expect(dynamodb.received).toHaveLength(1);
  });
});
