import { randomBytes } from 'node:crypto';
import { DeleteCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChangePublisher } from '../../../src/events/publish-changes.ts';
import type { KeyEventType } from '../../../src/gateway/key-events.ts';
import { createLimiter } from '../../../src/rate-limit/limiter.ts';
import { create } from '../../../src/management/operations/create.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import { revoke } from '../../../src/management/operations/revoke.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { update } from '../../../src/management/operations/update.ts';
import { CounterStore } from '../../../src/rate-limit/counter-store.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { LimitNotes } from '../../../src/rate-limit/limit-notes.ts';
import { captureLoggedErrors } from '../../support/events/logged-errors.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testLimitsTable, testTable } from '../../support/storage/test-table.ts';
import { streamReader } from '../../support/events/stream-reader.ts';
import type { FakeEventBus, Trouble } from '../../support/events/fake-event-bus.ts';
import type { FakeQueue } from './fake-queue.ts';
import { publishing, schemaFaults } from './published.ts';

let context: OperationContext;
let table: { client: DynamoDBDocumentClient; tableName: string };
let bus: FakeEventBus;
let queue: FakeQueue;
let changes: () => Promise<DynamoDBRecord[]>;
let publishChanges: ReturnType<typeof createChangePublisher>;
const NOW = Date.now();
const clock = { now: NOW };
let logged: ReturnType<typeof captureLoggedErrors>;

beforeEach(async () => {
  clock.now = NOW;
  logged = captureLoggedErrors();
  table = await testTable();
  const keys = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
  const settings = {
    label: LABEL,
    importedFormats: [],
    retentionSeconds: 1000,
    plans: {},
    ownerSuspension: false,
    restrictions: ['sourceIp' as const],
  };
  context = { settings, keys, now: () => clock.now, randomBytes };
  changes = await streamReader(table.tableName);
  const published = await publishing();
  ({ bus, queue } = published);
  publishChanges = createChangePublisher({ ...published, keys, label: LABEL });
});
afterEach(async () => {
  expect(schemaFaults(bus)).toEqual([]);
  await bus.stop();
  await queue.stop();
});

/** Delivers records as Lambda does: the first failed record and all later ones are delivered again. */
async function deliver(records: DynamoDBRecord[]): Promise<number> {
  let deliveries = 0;
  let rest = records;
  while (rest.length > 0) {
    if (++deliveries > 20) throw new Error('never gets through');
    const { batchItemFailures } = await publishChanges({ Records: rest });
    const failed = batchItemFailures[0]?.itemIdentifier;
    rest =
      failed === undefined ? [] : rest.slice(rest.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed));
  }
  return deliveries;
}
const issued = async (fields: object = {}) => (await create(context, { name: 'Checkout', ...fields })).record.prefix;
const types = () => bus.events.map(({ type }) => type);
const only = (type: KeyEventType) => {
  const [event, another] = bus.events.filter((one) => one.type === type);
  if (event === undefined || another !== undefined) throw new Error(`not one event: ${types().join(', ')}`);
  return event.detail;
};

describe('a change of a key becomes an event', () => {
  it('publishes Created with the fields of the key', async () => {
    const metadata = { contact: 'ops@acme.example' };
    const keyId = await issued({ ownerId: 'acme', scopes: ['GET /orders/*'], metadata, expires: '90d' });
    await deliver(await changes());
    expect(types()).toEqual(['API Key Created']);
    expect(bus.taken[0]).toMatchObject({ EventBusName: 'a-bus', Source: 'latchkey' });
    expect(only('API Key Created').data.key).toEqual({
      keyId,
      label: LABEL,
      name: 'Checkout',
      ownerId: 'acme',
      scopes: ['GET /orders/*'],
      metadata,
      createdAt: new Date(NOW).toISOString(),
      expiresAt: new Date(NOW + 90 * 86_400_000).toISOString(),
    });
  });

  it('publishes Updated with the names of the changed fields', async () => {
    const prefix = await issued({ metadata: { a: 1, b: 2 }, limits: { rate: '1/s' } });
    await update(context, { prefix, name: 'Billing', limits: null, metadata: { b: 2, a: 1 } });
    await deliver(await changes());
    expect(types()).toEqual(['API Key Created', 'API Key Updated']);
    expect(only('API Key Updated').data).toMatchObject({ changed: ['name', 'limits'], key: { name: 'Billing' } });
  });

  it('publishes Updated for changed restrictions and start times', async () => {
    const prefix = await issued({ restrictions: { stages: ['beta'] } });
    const restrictions = { stages: ['prod'], sourceIps: ['192.0.2.0/24'] };
    await update(context, { prefix, restrictions });
    await update(context, { prefix, notBefore: new Date(NOW + 86_400_000).toISOString() });
    await update(context, { prefix, restrictions: null, notBefore: null });
    await deliver(await changes());
    const updates = bus.events.slice(1).map(({ detail }) => detail.data);
    expect(types().slice(1)).toEqual(Array.from({ length: 3 }, () => 'API Key Updated'));
    expect(updates).toMatchObject([
      { changed: ['restrictions'], key: { restrictions } },
      { changed: ['notBefore'], key: { restrictions, notBefore: new Date(NOW + 86_400_000).toISOString() } },
      { changed: ['restrictions', 'notBefore'] },
    ]);
    expect(updates[2]?.key).not.toHaveProperty('restrictions');
    expect(updates[2]?.key).not.toHaveProperty('notBefore');
  });

  it('publishes Rotated with the new prefix and the end of the overlap, and Created for the new key', async () => {
    const prefix = await issued();
    const { record } = await rotate(context, { prefix, overlap: '24h' });
    await deliver(await changes());
    expect(types().toSorted()).toEqual(['API Key Created', 'API Key Created', 'API Key Rotated']);
    expect(only('API Key Rotated').data).toMatchObject({
      key: { keyId: prefix },
      replacedBy: record.prefix,
      endsAt: new Date(NOW + 86_400_000).toISOString(),
    });
    expect(bus.events.map(({ detail }) => detail.data.key.rotatedFrom)).toContain(prefix);
  });

  it('publishes Revoked once, with the reason', async () => {
    const prefix = await issued();
    await revoke(context, { prefix, reason: 'leaked: found by GitHub secret scanning' });
    await revoke(context, { prefix, reason: 'again' });
    await deliver(await changes());
    expect(types()).toEqual(['API Key Created', 'API Key Revoked']);
    expect(only('API Key Revoked').data).toMatchObject({
      reason: 'leaked: found by GitHub secret scanning',
      revokedAt: new Date(NOW).toISOString(),
    });
  });

  it('publishes Deleted, and Expired as well for a key that was removed before its expiry was announced', async () => {
    const { keys } = context;
    const ended = aRecord({ expiresAt: Date.now() - 60_000 });
    const others = [aRecord(), aRecord({ expiresAt: 1000 }), aRecord({ expiresAt: Date.now() - 60_000, revokedAt: 1 })];
    for (const record of [ended, ...others]) {
      await keys.create(record);
      await table.client.send(new DeleteCommand({ TableName: table.tableName, Key: { prefix: record.prefix } }));
    }
    await deliver(await changes());
    expect(types().filter((type) => type === 'API Key Deleted')).toHaveLength(4);
    expect(only('API Key Expired').data.key.keyId).toBe(ended.prefix);
  });

  it('publishes no event for a last use, a replaced digest, or an item that does not hold a key', async () => {
    const prefix = await issued();
    await context.keys.touch(prefix, NOW, 1000);
    const from = (await context.keys.get(prefix))?.digest;
    if (from === undefined) throw new Error('no key');
    await context.keys.replaceDigest(prefix, from, 'sha256$other');
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: { prefix: '#expiries#x' },
        UpdateExpression: 'SET a = :a',
        ExpressionAttributeValues: { ':a': 1 },
      }),
    );
    const records = await changes();
    expect(records).toHaveLength(4);
    await deliver(records);
    expect(types()).toEqual(['API Key Created']);
  });

  it('publishes no event for a key with another label, because another function does', async () => {
    await context.keys.create(aRecord({ label: 'other' }));
    await deliver(await changes());
    expect(types()).toEqual([]);
  });

  it('includes neither the key, nor its digest, nor the idempotency token', async () => {
    const { key, record } = await create(context, { name: 'Secret', idempotencyToken: 'my-token' });
    await rotate(context, { prefix: record.prefix, overlap: '1h', idempotencyToken: 'another' });
    await deliver(await changes());
    const stored = await context.keys.get(record.prefix);
    const secrets = [key, key?.split('_').at(-1), stored?.digest, stored?.idempotency?.token, 'digest', 'idempotency'];
    expect(bus.taken).toHaveLength(3);
    for (const secret of secrets) {
      expect(secret?.length).toBeGreaterThan(5);
      expect(JSON.stringify(bus.taken)).not.toContain(secret);
    }
  });
});

describe('a damaged item', () => {
  /** Edits the item as an operator could by hand. */
  const damage = async (prefix: string, expression: string, values?: Record<string, unknown>) => {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: { prefix },
        UpdateExpression: expression,
        ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
        ...(expression.includes('#name') && { ExpressionAttributeNames: { '#name': 'name' } }),
      }),
    );
  };

  it.each<[string, string, Record<string, unknown>?]>([
    ['without its creation', 'REMOVE createdAt'],
    ['revoked at no time', 'SET revokedAt = :value', { ':value': 'yesterday' }],
    ['that expires at no time', 'SET expiresAt = :value', { ':value': 9e15 }],
    [
      'with a revocation reason that is a number',
      'SET revokedAt = :time, revokedReason = :value',
      { ':time': 1, ':value': 7 },
    ],
    ['with a number as its name', 'SET #name = :value', { ':value': 7 }],
    ['with a string as its scopes', 'SET scopes = :value', { ':value': 'GET /orders' }],
    ['with an object in its metadata', 'SET metadata.tenant = :value', { ':value': { id: 'acme' } }],
    ['with a number as its rate', 'SET limits = :value', { ':value': { rate: 7 } }],
    ['with a list as its owner', 'SET ownerId = :value', { ':value': ['acme'] }],
  ])('%s is logged and set aside, and blocks no other event', async (_, expression, values) => {
    const damaged = await issued();
    await deliver(await changes());
    await damage(damaged, expression, values);
    const next = await issued();
    expect(await deliver(await changes())).toBe(1);
    expect(bus.events.map(({ detail }) => detail.data.key.keyId)).toEqual([damaged, next]);
    expect(logged()).toContainEqual(expect.objectContaining({ level: 'ERROR', keyId: damaged }));
    expect(queue.messages).toEqual([{ code: 'DamagedItem', keyId: damaged }]);
  });

  it('a damaged item is published like any other if it has a number that JavaScript cannot represent', async () => {
    const prefix = await issued();
    await damage(prefix, 'SET metadata.serial = :value', { ':value': 123456789012345678901234567890n });
    await deliver(await changes());
    expect(only('API Key Updated').data).toMatchObject({ changed: ['metadata'], key: { keyId: prefix } });
    expect(logged()).toEqual([]);
  });

  it('a damaged item is logged and set aside if its key reaches a limit, and blocks no other event', async () => {
    const damaged = await issued();
    await deliver(await changes());
    await damage(damaged, 'REMOVE createdAt');
    const limits = await testLimitsTable();
    const notes = await streamReader(limits.tableName);
    const window = { limit: 'quota', allowed: '1/day', from: NOW, until: NOW + 1, at: NOW } as const;
    const next = await issued();
    for (const keyId of [damaged, next]) await new LimitNotes(limits).note(keyId, { keyId, ...window });
    expect(await deliver(await notes())).toBe(1);
    expect(only('API Key Limit Reached').data.key.keyId).toBe(next);
    expect(logged()).toContainEqual(expect.objectContaining({ level: 'ERROR', keyId: damaged }));
    expect(queue.messages).toEqual([{ code: 'DamagedItem', keyId: damaged }]);
  });
});

describe('publishing at least once', () => {
  const all = Array.from({ length: 10 }, (_, index) => index);
  it.each<[string, (call: number) => Trouble | undefined]>([
    [
      'some events of each request are rejected at first',
      (call) => (call % 2 === 0 ? { entries: [1, 4, 9] } : undefined),
    ],
    ['the first event is rejected four times', (call) => (call < 4 ? { entries: [0] } : undefined)],
    ['all events are rejected', (call) => (call < 5 ? { entries: all } : undefined)],
    ['EventBridge is down', (call) => (call < 8 ? 'refused' : undefined)],
    ['responses are lost', (call) => (call % 3 < 2 ? 'cut' : undefined)],
    ['the faults alternate', (call) => (['cut', { entries: [2] }, 'refused', undefined] as const)[call % 4]],
  ])('delivers every event while %s, and repeats it only with the same ID', async (what, trouble) => {
    const keyIds: string[] = [];
    for (let index = 0; index < 25; index++) keyIds.push(await issued());
    bus.trouble = trouble;
    const deliveries = await deliver(await changes());
    expect(bus.distinct.map(({ detail }) => detail.data.key.keyId).toSorted()).toEqual(keyIds.toSorted());
    console.log(
      `${what}: 25 events, ${String(deliveries)} deliveries, ${String(bus.calls)} calls, ${String(bus.taken.length)} taken`,
    );
  });

  it.each(['InternalFailure', 'MalformedDetail', 'NotAuthorizedForSourceException'])(
    'sets an event aside that EventBridge always rejects with %s, and publishes the others once',
    async (code) => {
      const keyIds: string[] = [];
      for (let index = 0; index < 25; index++) keyIds.push(await issued());
      const rejected = [keyIds[3], keyIds[24]];
      bus.objection = ({ detail }) => (rejected.includes(detail.data.key.keyId) ? { code } : undefined);
      expect(await deliver(await changes())).toBe(1);
      expect(bus.taken).toHaveLength(23);
      expect(bus.distinct).toHaveLength(23);
      expect(queue.messages).toEqual(
        rejected.map((keyId) => ({
          code,
          keyId,
          entry: expect.objectContaining({ EventBusName: 'a-bus', DetailType: 'API Key Created' }) as object,
        })),
      );
    },
  );

  it('sets aside the only event of a batch', async () => {
    const keyId = await issued();
    bus.objection = () => ({ code: 'InternalFailure' });
    expect(await deliver(await changes())).toBe(1);
    expect(queue.messages).toMatchObject([{ keyId }]);
  });

  it('finds the event that makes EventBridge reject a whole request', async () => {
    const keyIds: string[] = [];
    for (let index = 0; index < 12; index++) keyIds.push(await issued());
    bus.objection = ({ detail }) =>
      detail.data.key.keyId === keyIds[5] ? { request: 'ValidationException' } : undefined;
    expect(await deliver(await changes())).toBe(1);
    expect(bus.taken).toHaveLength(11);
    expect(queue.messages).toMatchObject([{ code: 'ValidationException', keyId: keyIds[5] }]);
  });

  it.each(['ThrottlingException', 'AccessDeniedException'])(
    'sets nothing aside while EventBridge rejects every request with %s',
    async (code) => {
      for (let index = 0; index < 3; index++) await issued();
      const records = await changes();
      bus.objection = () => ({ request: code });
      const { batchItemFailures } = await publishChanges({ Records: records });
      expect(batchItemFailures).toEqual([{ itemIdentifier: records[0]?.dynamodb?.SequenceNumber }]);
      expect(queue.messages).toEqual([]);
      bus.objection = () => undefined;
      await deliver(records);
      expect(bus.distinct).toHaveLength(3);
    },
  );

  it('makes Lambda redeliver an event that can be neither published nor set aside', async () => {
    await issued();
    const records = await changes();
    bus.objection = () => ({ code: 'MalformedDetail' });
    queue.unavailable = true;
    expect((await publishChanges({ Records: records })).batchItemFailures).toHaveLength(1);
    queue.unavailable = false;
    expect(await deliver(records)).toBe(1);
    expect(queue.messages).toHaveLength(1);
  });

  it('publishes a redelivered batch with the same IDs', async () => {
    const prefix = await issued();
    await revoke(context, { prefix });
    const records = await changes();
    await deliver(records);
    await deliver(records);
    expect(bus.taken).toHaveLength(4);
    expect(bus.distinct).toHaveLength(2);
  });

  it('makes Lambda continue after an outage with the first event that was not accepted', async () => {
    for (let index = 0; index < 25; index++) await issued();
    const records = await changes();
    bus.trouble = (call) => (call === 0 ? undefined : 'refused');
    const { batchItemFailures } = await publishChanges({ Records: records });
    expect(batchItemFailures).toEqual([{ itemIdentifier: records[10]?.dynamodb?.SequenceNumber }]);
    expect(bus.taken).toHaveLength(10);
  });
});

describe('a limit that is reached', () => {
  /** Returns limiters as in three Lambda environments, and a reader of their table's stream. */
  async function limiters() {
    const limits = await testLimitsTable();
    const notes = await streamReader(limits.tableName);
    const environments = Array.from({ length: 3 }, () =>
      createLimiter({ counters: new CounterStore(limits), notes: new LimitNotes(limits), now: () => clock.now }),
    );
    // The records that the event source mapping passes on.
    const told = async () => (await notes()).filter(({ dynamodb }) => dynamodb?.NewImage?.['limit']?.S !== undefined);
    return { environments, told };
  }

  it('a limit that is reached is published once per key and window, however many environments reject requests', async () => {
    clock.now = Date.UTC(2027, 0, 15, 12, 10);
    const { environments, told } = await limiters();
    const keyId = await issued({ ownerId: 'acme' });
    const request = { keyId, countsAs: 'first-of-chain', limits: { quota: '2/day' } };
    const use = async (times: number) => {
      const verdicts = await Promise.all(
        Array.from({ length: times }, async (_, call) => environments[call % environments.length]?.(request)),
      );
      return verdicts.filter((verdict) => verdict?.allowed === false).length;
    };
    expect(await use(2)).toBe(0);
    expect(await told()).toEqual([]);
    expect(await use(30)).toBe(30);
    await deliver(await told());
    expect(types()).toEqual(['API Key Limit Reached']);
    expect(only('API Key Limit Reached').data).toMatchObject({
      key: { keyId, ownerId: 'acme' },
      limit: 'quota',
      allowed: '2/day',
      from: '2027-01-15T00:00:00.000Z',
      until: '2027-01-16T00:00:00.000Z',
    });
    clock.now += 86_400_000;
    expect(await use(12)).toBe(10);
    await deliver(await told());
    expect(bus.distinct).toHaveLength(2);
    expect(bus.taken).toHaveLength(2);
  });

  it('a limit that is reached is published once an hour for a rate, and again when the rate was raised', async () => {
    clock.now = Date.UTC(2027, 0, 15, 12, 10);
    const { environments, told } = await limiters();
    const keyId = await issued();
    const [limit = () => Promise.reject(new Error('none'))] = environments;
    const hammer = async (rate: string) => {
      const request = { countsAs: keyId, limits: { rate, burst: 1 } };
      await limit(request);
      expect((await limit(request)).allowed).toBe(false);
    };
    await hammer('1/s');
    clock.now += 10_000;
    await hammer('1/s');
    clock.now += 10_000;
    await hammer('5/s');
    clock.now += 3_600_000;
    await hammer('1/s');
    await deliver(await told());
    const reached = bus.events.map(({ detail }) => detail.data);
    expect(reached).toMatchObject([
      { allowed: '1/s', from: '2027-01-15T12:00:00.000Z' },
      { allowed: '5/s', from: '2027-01-15T12:00:00.000Z' },
      { allowed: '1/s', from: '2027-01-15T13:00:00.000Z' },
    ]);
  });

  it('a limit that is reached rejects the request even if it cannot be recorded, and is recorded with the next rejection', async () => {
    const limits = await testLimitsTable();
    const notes = new LimitNotes(limits);
    let outage = true;
    const limit = createLimiter({
      counters: new CounterStore(limits),
      notes: { note: (...of) => (outage ? Promise.reject(new Error('outage')) : notes.note(...of)) },
      now: () => clock.now,
    });
    const read = await streamReader(limits.tableName);
    const request = { countsAs: 'x', limits: { quota: '1/day' } };
    await limit(request);
    expect(await limit(request)).toMatchObject({ allowed: false, reason: 'limited' });
    outage = false;
    await limit(request);
    expect((await read()).filter(({ dynamodb }) => dynamodb?.NewImage?.['limit'] !== undefined)).toHaveLength(1);
  });

  it('a limit that is reached is not published for a key that was deleted or has another label', async () => {
    const { environments, told } = await limiters();
    const other = aRecord({ label: 'other' });
    await context.keys.create(other);
    for (const countsAs of ['gone', other.prefix])
      for (let call = 0; call < 2; call++) await environments[0]?.({ countsAs, limits: { quota: '1/day' } });
    const records = await told();
    expect(records).toHaveLength(2);
    await deliver(records);
    expect(types()).toEqual([]);
  });
});
