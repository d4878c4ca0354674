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

describe('a request is counted', () => {
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

  it('after a freeze in which its connection was closed, on a fresh one', async () => {
    dynamodb.next(COUNTED);
    await count();
    // This thread is busy while the connection closes, as if frozen: it finds out only when it writes.
    dynamodb.closeConnections();
    expect(await count()).toMatchObject({ counted: true });
    expect(dynamodb.received.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('once more where its connection is reset, and not a third time', async () => {
    const reset: Behaviour = (_response, socket) => socket.resetAndDestroy();
    dynamodb.next(reset, COUNTED);
    expect(await count()).toMatchObject({ counted: true });
    dynamodb.next(reset);
    await expect(count()).rejects.toThrow();
    expect(dynamodb.received).toHaveLength(4);
  });

  it.each<[string, Behaviour]>([
    ['is not answered', () => undefined],
    ['is answered in drops that never end', drip],
    [
      'is answered, and the answer is cut off',
      (response, socket) => response.writeHead(200, { 'content-length': '99' }).write('{', () => socket.destroy()),
    ],
    ['meets a fault of the server', refuse(500, 'InternalServerError')],
    ['is throttled', refuse(400, 'ProvisionedThroughputExceededException')],
  ])('once at most where the write %s', async (_what, trouble) => {
    dynamodb.next(trouble, COUNTED);
    await expect(count()).rejects.toThrow();
    expect(dynamodb.received).toHaveLength(1);
  });
});
