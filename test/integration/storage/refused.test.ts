import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseLimits } from '../../../src/core/limits/limits.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { CounterStore } from '../../../src/rate-limit/counter-store.ts';
import { DynamoKeyStore, InvalidCursorError } from '../../../src/storage/dynamo.ts';
import { usageFromEnvironment } from '../../../src/usage/usage-from-environment.ts';
import { UsageStore } from '../../../src/usage/usage-store.ts';
import { answer, fakeDynamoDb, refuse, type FakeDynamoDb } from '../../support/storage/fast-reader/fake-dynamodb.ts';
import { instantDynamoDb } from './instant-dynamodb.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { localConnection } from '../../support/storage/test-table.ts';

/** How the stores handle responses that DynamoDB Local cannot produce on demand. */
let dynamodb: FakeDynamoDb;
let client: ReturnType<typeof documentClient>;
let keys: DynamoKeyStore;
beforeEach(async () => {
  dynamodb = await fakeDynamoDb();
  client = documentClient({ ...localConnection(), endpoint: dynamodb.endpoint });
  keys = new DynamoKeyStore({ client, tableName: 'keys', retentionSeconds: 60 });
});
afterEach(() => {
  client.destroy();
  dynamodb.stop();
});

type Input = Record<string, unknown>;
const asked = () => dynamodb.received.map(({ body }) => JSON.parse(body) as Input);
const FAULT = refuse(400, 'ValidationException');
const cancelled = (...codes: (string | undefined)[]) =>
  refuse(
    400,
    'TransactionCanceledException',
    {},
    { message: 'Transaction cancelled', CancellationReasons: codes.map((Code) => ({ Code, Message: Code })) },
  );
const conditionFailed = (Item?: object) => refuse(400, 'ConditionalCheckFailedException', {}, { Item });

describe('the key store with a faulty DynamoDB', () => {
  const record = aRecord();

  it.each<[string, () => Promise<unknown>]>([
    ['get', () => keys.get('a')],
    ['create', () => keys.create(record)],
    ['getAll', () => keys.getAll(['a'])],
    ['list', () => keys.list({ label: LABEL, limit: 1 }, 0)],
    ['update', () => keys.update('a', { name: 'b' })],
    ['rotate', () => keys.rotate(record, aRecord(), 1)],
    ['revoke', () => keys.revoke('a', undefined, 1)],
    ['disable', () => keys.disable('a', { at: 1, by: undefined, reason: undefined })],
    ['enable', () => keys.enable('a')],
    ['suspendOwner', () => keys.suspendOwner({ label: LABEL, ownerId: 'a', at: 1, by: undefined }, 'x')],
    ['resumeOwner', () => keys.resumeOwner({ label: LABEL, ownerId: 'a', at: 1, by: undefined })],
    ['touch', () => keys.touch('a', 1, 1)],
    ['replaceDigest', () => keys.replaceDigest('a', 'b', 'c')],
  ])('throws a server error instead of returning an outcome: %s', async (_operation, work) => {
    dynamodb.next(FAULT);
    await expect(work()).rejects.toThrow('it is ValidationException');
  });

  it('retries a request without a timely response on another connection', async () => {
    dynamodb.next(() => undefined, answer({ Item: { prefix: { S: 'a' }, name: { S: 'found' } } }));
    expect(await keys.get('a')).toEqual({ prefix: 'a', name: 'found' });
    expect(dynamodb.received.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('retries a request whose response starts in time and never completes', async () => {
    dynamodb.next(
      (response) => response.writeHead(200).write('{"Item":'),
      answer({ Item: { prefix: { S: 'a' }, name: { S: 'found' } } }),
    );
    expect(await keys.get('a', { timeoutMs: 10_000 })).toEqual({ prefix: 'a', name: 'found' });
    expect(dynamodb.received).toHaveLength(2);
  });

  it('reads eventually consistently for the authorizer, and consistently otherwise', async () => {
    await keys.get('a');
    await keys.get('a', { consistent: true });
    await keys.getAll(['a']);
    const [plain, consistent, batch] = asked();
    expect([plain?.['ConsistentRead'], consistent?.['ConsistentRead']]).toEqual([false, true]);
    expect(batch).toMatchObject({ RequestItems: { keys: { ConsistentRead: true } } });
  });

  it('continues a throttled batch read, and gives up after several attempts', async () => {
    const item = (prefix: string) => ({ prefix: { S: prefix } });
    const left = (...prefixes: string[]) => ({ UnprocessedKeys: { keys: { Keys: prefixes.map(item) } } });
    dynamodb.next(
      answer({ Responses: { keys: [item('b')] }, ...left('a', 'c') }),
      answer({ Responses: { keys: [item('c'), item('a')] } }),
    );
    expect(await keys.getAll(['a', 'b', 'c', 'd'])).toEqual([{ prefix: 'a' }, { prefix: 'b' }, { prefix: 'c' }]);
    expect(asked()[1]).toMatchObject({ RequestItems: { keys: { Keys: [item('a'), item('c')] } } });
    dynamodb.next(answer(left('a')));
    await expect(keys.getAll(['a'])).rejects.toThrow('DynamoDB throttled the read of a batch of keys');
    expect(asked()).toHaveLength(2 + 4);
  });

  it('reports an outdated version only for an update with a version', async () => {
    const standing = { prefix: { S: 'a' }, version: { N: '2' }, replacedBy: { S: 'b' } };
    dynamodb.next(conditionFailed(standing));
    expect(await keys.update('a', { name: 'b' }, 1)).toMatchObject({ outcome: 'version_conflict' });
    expect(await keys.update('a', { expiresAt: 1 }, 2)).toMatchObject({ outcome: 'replaced' });
    expect(await keys.update('a', { expiresAt: 1 })).toMatchObject({ outcome: 'replaced' });
    // A rotation has set the expiry, and the update is about notBefore.
    expect(await keys.update('a', { notBefore: 1 })).toMatchObject({ outcome: 'never_valid' });
  });

  it('reports an outage if a creation fails because of an item that DynamoDB does not return', async () => {
    dynamodb.next(conditionFailed());
    await expect(keys.create(record)).rejects.toThrow();
    expect(await keys.update('a', {})).toEqual({ outcome: 'not_found' });
    expect(await keys.revoke('a', 'x', 1)).toEqual({ outcome: 'not_found' });
  });

  it.each([
    [['None', 'ConditionalCheckFailed'], 'changed'],
    [['None', 'TransactionConflict'], 'changed'],
    [['TransactionConflict', 'None'], 'changed'],
    [['ConditionalCheckFailed', 'None'], 'changed'],
  ])('reports a rotation that is cancelled by %j as %s', async (codes, outcome) => {
    dynamodb.next(cancelled(...codes));
    expect(await keys.rotate(record, aRecord(), 1)).toEqual({ outcome });
  });

  it.each([[['None', 'ItemCollectionSizeLimitExceeded']], [['ValidationError', 'None']], [[]]])(
    'reports an outage for a rotation that is cancelled by %j',
    async (codes) => {
      dynamodb.next(cancelled(...codes));
      await expect(keys.rotate(record, aRecord(), 1)).rejects.toThrow('Transaction cancelled');
    },
  );

  it('reads only one page of a list, or a bounded number of entries with a filter', async () => {
    const entry = { prefix: { S: 'a' }, label: { S: LABEL }, createdAt: { N: '1' } };
    dynamodb.next(answer({ Items: [], LastEvaluatedKey: entry, Responses: { keys: [] } }));
    const filtered = await keys.list({ label: LABEL, limit: 7, status: 'active' }, 1);
    expect(filtered).toMatchObject({ records: [], cursor: expect.any(String) as string });
    expect(asked().map(({ Limit }) => Limit)).toEqual([1000, 1000, 1000, 1000, 1000]);

    dynamodb.next(answer({ Items: [entry, entry], LastEvaluatedKey: entry }), answer({ Responses: { keys: [entry] } }));
    const page = await keys.list({ label: LABEL, limit: 2 }, 1);
    expect(asked()[5]).toMatchObject({ Limit: 2 });
    expect(asked()).toHaveLength(7);
    expect(page.cursor).toBeDefined();
  });

  it('throws a specific error for an invalid cursor', async () => {
    const error: unknown = await keys.list({ label: LABEL, limit: 1, cursor: 'x' }, 1).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(InvalidCursorError);
    expect(String(error)).toMatch(/^InvalidCursorError: not a cursor of this list/);
    expect(asked()).toEqual([]);
  });
});

describe('a list whose start key DynamoDB rejects', () => {
  const message = 'The provided starting key is outside query boundaries based on provided conditions';
  const REFUSED = refuse(400, 'ValidationException', {}, { message });
  const list = (cursor?: string) => keys.list({ label: LABEL, limit: 1, cursor }, 1);

  it('reports an invalid cursor if a list gets the cursor of another list', async () => {
    dynamodb.next(answer({ Items: [], LastEvaluatedKey: { prefix: { S: 'abcdefghijkl' }, createdAt: { N: '1' } } }));
    const { cursor } = await list();
    dynamodb.next(REFUSED);
    await expect(list(cursor)).rejects.toMatchObject({
      name: 'InvalidCursorError',
      message: 'a cursor of another list',
      cause: { name: 'ValidationException' },
    });
    dynamodb.next(FAULT);
    await expect(list(cursor)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('reports a fault if the rejected list had no cursor', async () => {
    dynamodb.next(REFUSED);
    await expect(list()).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('the usage store with a faulty DynamoDB', () => {
  let usage: UsageStore;
  beforeEach(() => {
    usage = new UsageStore({ client, tableName: 'usage' });
  });
  const NOW = Date.UTC(2027, 0, 15) + 1;
  const DAY = 24 * 3600;
  const line = (lineId: string, route: string) => ({
    ...{ keyId: 'a', lineId, day: '2027-01-15', route },
    counts: { requests: 1, errors: 0, throttled: 0, latencyMs: 5, lastUsedAt: NOW },
  });
  const add = () => usage.add([line('1', 'GET /'), line('2', 'POST /')], NOW);
  interface Written {
    readonly Update?: {
      readonly Key: { readonly entry: { readonly S: string } };
      readonly ConditionExpression?: string;
      readonly UpdateExpression: string;
      readonly ExpressionAttributeValues: Record<string, { N: string }>;
    };
  }
  const written = () =>
    asked().flatMap((input) => ('TransactItems' in input ? [input['TransactItems'] as Written[]] : []));
  const stored = (...items: object[]) => answer({ Responses: { usage: items } });
  const NOTHING = stored();
  const ROW = { prefix: { S: 'a' }, entry: { S: 'day#2027-01-15#GET /' } };

  it('keeps usage for 400 days, and the hashes of log lines for three weeks', async () => {
    dynamodb.next(NOTHING, answer({}));
    expect(await add()).toBe(2);
    const [seen, count] = written()[0] ?? [];
    const seconds = Math.ceil(NOW / 1000);
    expect(seen?.Update?.Key.entry.S).toBe(`seen#${String(Math.floor(NOW / 1000))}`);
    expect(Number(seen?.Update?.ExpressionAttributeValues[':ttl']?.N)).toBe(seconds + 21 * DAY);
    expect(Number(count?.Update?.ExpressionAttributeValues[':ttl']?.N)).toBe(seconds + 400 * DAY);
  });

  it('reads usage consistently before it writes', async () => {
    dynamodb.next(NOTHING, answer({}));
    await add();
    expect(asked()[0]).toMatchObject({ RequestItems: { usage: { ConsistentRead: true } } });
  });

  it('does not replace a later use with an earlier one', async () => {
    dynamodb.next(stored({ ...ROW, lastUsedAt: { N: String(NOW + 1) } }), answer({}));
    await add();
    const [, get, post] = written()[0] ?? [];
    expect(get?.Update?.UpdateExpression).not.toContain('lastUsedAt');
    expect(post?.Update?.UpdateExpression).toContain('lastUsedAt');
  });

  it.each(['ConditionalCheckFailed', 'TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'reads and adds lines again after their transaction is cancelled by %s',
    async (code) => {
      dynamodb.next(NOTHING, cancelled('None', code, 'None'), NOTHING, answer({}));
      expect(await add()).toBe(2);
      expect(written()).toHaveLength(2);
    },
  );

  it('reads unprocessed keys again', async () => {
    const Keys = [ROW];
    dynamodb.next(answer({ Responses: { usage: [] }, UnprocessedKeys: { usage: { Keys } } }), NOTHING, answer({}));
    expect(await add()).toBe(2);
    expect(asked()[1]).toMatchObject({ RequestItems: { usage: { Keys } } });
  });

  it('fails immediately if adding usage fails for another reason', async () => {
    dynamodb.next(NOTHING, cancelled('None', 'ValidationError', 'ConditionalCheckFailed'));
    await expect(add()).rejects.toThrow('Transaction cancelled');
    expect(written()).toHaveLength(1);
    dynamodb.next(FAULT);
    await expect(add()).rejects.toThrow('it is ValidationException');
  });

  it('reads usage page by page', async () => {
    const item = (entry: string) => ({ prefix: { S: 'a' }, entry: { S: entry }, requests: { N: '1' } });
    dynamodb.next(
      answer({ Items: [item('day#2027-01-15#GET /')], LastEvaluatedKey: { prefix: { S: 'a' }, entry: { S: 'x' } } }),
      answer({ Items: [item('day#2027-01-16#GET /')] }),
    );
    expect((await usage.read('a', '2027-01-15', '2027-01-16')).map(({ day }) => day)).toEqual([
      '2027-01-15',
      '2027-01-16',
    ]);
    dynamodb.next(answer({}));
    expect(await usage.read('a', '2027-01-15', '2027-01-16')).toEqual([]);
  });

  it('uses the usage table that the environment names', () => {
    expect(usageFromEnvironment({ LATCHKEY_USAGE_TABLE: 'usage' })).toBeInstanceOf(UsageStore);
    for (const environment of [{}, { LATCHKEY_USAGE_TABLE: '' }])
      expect(() => usageFromEnvironment(environment)).toThrow(
        'the environment variable LATCHKEY_USAGE_TABLE is not set',
      );
  });
});

describe('the counter store with a faulty DynamoDB', () => {
  const NOW = Date.UTC(2027, 0, 15, 12);
  const limits = parseLimits({ rate: '6/h', burst: 3 });
  const count = (counters: CounterStore, now = NOW, of = limits) => counters.count('a', of, now);
  let counters: CounterStore;
  beforeEach(() => {
    counters = new CounterStore({ client, tableName: 'limits' });
  });
  const full = { fullAt: { N: String((NOW + 1_800_000) * 1000) } };

  it('throws a server error instead of admitting a request', async () => {
    dynamodb.next(FAULT);
    await expect(count(counters)).rejects.toThrow('it is ValidationException');
  });

  it('fails after five attempts if the counters change during each write', async () => {
    dynamodb.next(conditionFailed());
    await expect(count(counters)).rejects.toThrow('the counters of a changed during each of 5 writes');
    expect(asked()).toHaveLength(5);
  });

  it('caches a rejection for one second only, because an operator may reset the counters', async () => {
    dynamodb.next(conditionFailed(full));
    expect(await count(counters)).toMatchObject({ counted: false, violated: ['rate'] });
    expect(await count(counters, NOW + 999)).toMatchObject({ counted: false, violated: ['rate'] });
    expect(asked()).toHaveLength(1);
    dynamodb.next(answer({ Attributes: {} }));
    expect(await count(counters, NOW + 1000)).toMatchObject({ counted: true });
    expect(asked()).toHaveLength(2);
  });

  it('remembers the ten thousand most recently used keys', async () => {
    const instant = instantDynamoDb();
    const remembering = new CounterStore({ client: instant.client, tableName: 'limits' });
    let others = 0;
    const countOthers = async (howMany: number) => {
      instant.answer(200, { Attributes: {} });
      for (const end = others + howMany; others < end; others++)
        await remembering.count(`other ${String(others)}`, limits, NOW);
    };
    const isAsked = async (now: number) => {
      const before = instant.asked();
      instant.answer(400, { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', Item: full });
      expect(await count(remembering, now)).toMatchObject({ counted: false });
      return instant.asked() > before;
    };
    expect(await isAsked(NOW)).toBe(true);
    await countOthers(1);
    // The key was used again, so it is no longer the oldest.
    expect(await isAsked(NOW + 1000)).toBe(true);
    await countOthers(9_999);
    expect(await isAsked(NOW + 1001)).toBe(false);
    await countOthers(1);
    expect(await isAsked(NOW + 1002)).toBe(true);
  });

  it('keeps counters for a day after they become irrelevant', async () => {
    const ttl = () =>
      Number((asked().at(-1)?.['ExpressionAttributeValues'] as Record<string, { N: string }>)[':ttl']?.N);
    await count(counters);
    // Three tokens at ten minutes each.
    expect(ttl()).toBe(NOW / 1000 + 1800 + 86_400);
    await count(new CounterStore({ client, tableName: 'limits' }), NOW, parseLimits({ quota: '5/day' }));
    expect(ttl()).toBe(NOW / 1000 + 43_200 + 86_400);
  });
});
