import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createExpiryAnnouncer } from '../../../src/events/announce-expiries.ts';
import { NotPublishedError } from '../../../src/events/publisher.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { ExpiryStore } from '../../../src/events/expiry-store.ts';
import type { StoredKey } from '../../../src/storage/key-store.ts';
import { captureLoggedErrors } from '../../support/events/logged-errors.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';
import type { FakeEventBus } from '../../support/events/fake-event-bus.ts';
import type { FakeQueue } from './fake-queue.ts';
import { publishing, schemaFaults } from './published.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const NOON = Date.UTC(2027, 0, 15, 12);
const clock = { now: NOON };
let table: Awaited<ReturnType<typeof testTable>>;
let store: DynamoKeyStore;
let bus: FakeEventBus;
let queue: FakeQueue;
let announcer: (
  noticeDays: readonly number[],
  keys?: Pick<DynamoKeyStore, 'getAll'>,
) => ReturnType<typeof createExpiryAnnouncer>;
let announce: (mayGoOn?: () => boolean, scheduledAt?: number) => Promise<void>;

beforeEach(async () => {
  clock.now = NOON;
  table = await testTable();
  store = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
  const published = await publishing();
  ({ bus, queue } = published);
  announcer = (noticeDays, keys = store) =>
    createExpiryAnnouncer({
      expiries: new ExpiryStore({ ...table, label: LABEL }),
      keys,
      ...published,
      noticeDays,
      now: () => clock.now,
    });
  const run = announcer([7, 1]);
  announce = (mayGoOn = () => true, scheduledAt) => run(mayGoOn, scheduledAt);
});
afterEach(async () => {
  expect(schemaFaults(bus)).toEqual([]);
  await bus.stop();
  await queue.stop();
});

async function keyEndingAt(expiresAt: number, fields: Partial<StoredKey> = {}): Promise<string> {
  const record = aRecord({ expiresAt, ...fields });
  await store.create(record);
  return record.prefix;
}
/** Runs it on the schedule of its rule until the given time. */
async function runUntil(end: number, every = 5 * MINUTE): Promise<void> {
  for (; clock.now <= end; clock.now += every) await announce();
}
const told = () =>
  bus.events.map(({ type, detail }) => {
    const { data } = detail;
    return `${data.key.keyId} ${'noticeDays' in data ? `in ${String(data.noticeDays)}d` : type.slice(8)}`;
  });

it('announces an expiry a week before, a day before and at the time, each once and within minutes', async () => {
  await announce();
  const end = NOON + 7 * DAY + 30 * MINUTE;
  const keyId = await keyEndingAt(end, { ownerId: 'acme' });
  await keyEndingAt(end + 400 * DAY);
  await store.create(aRecord());
  await runUntil(NOON + 25 * MINUTE);
  expect(told()).toEqual([]);
  await runUntil(NOON + 40 * MINUTE);
  expect(told()).toEqual([`${keyId} in 7d`]);
  await runUntil(end + 10 * MINUTE, 60 * MINUTE);
  await runUntil(end + 70 * MINUTE);
  expect(told()).toEqual([`${keyId} in 7d`, `${keyId} in 1d`, `${keyId} Expired`]);
  expect(bus.events[0]?.detail).toMatchObject({
    metadata: { occurredAt: new Date(end - 7 * DAY).toISOString() },
    data: { key: { keyId, ownerId: 'acme' }, noticeDays: 7, expiresAt: new Date(end).toISOString() },
  });
});

it('announces nothing on its first run, even if keys have expired before', async () => {
  await keyEndingAt(NOON - DAY);
  await keyEndingAt(NOON + DAY / 2);
  await announce();
  clock.now += 5 * MINUTE;
  await announce();
  expect(told()).toEqual([]);
});

it('announces the expiry of a replaced key, but not of a revoked key or one with a later expiry', async () => {
  await announce();
  const end = NOON + 10 * MINUTE;
  const revoked = await keyEndingAt(end);
  await store.revoke(revoked, undefined, NOON);
  const extended = await keyEndingAt(end);
  await store.update(extended, { expiresAt: end + 3 * DAY });
  const replaced = await keyEndingAt(end, { replacedBy: 'successor000' });
  await keyEndingAt(end, { label: 'other' });
  clock.now = end + 2 * MINUTE;
  await announce();
  expect(told()).toEqual([`${replaced} Expired`]);
  expect(bus.events[0]?.detail.data.key.replacedBy).toBe('successor000');
});

it('catches up on days without a run, and sends no notice for a key that has expired by then', async () => {
  await announce();
  const ended = await keyEndingAt(NOON + 8 * DAY);
  const ending = await keyEndingAt(NOON + 13 * DAY);
  clock.now = NOON + 10 * DAY;
  await announce();
  expect(told()).toEqual([`${ended} Expired`, `${ending} in 7d`]);
});

it('sends no notice for an expired key when a notice is configured again after a while', async () => {
  const with30Days = announcer([30]);
  await with30Days(() => true);
  const long = await keyEndingAt(NOON + 31 * DAY);
  const soon = await keyEndingAt(NOON + 70 * DAY);
  // For two months the notice was not configured, while expiries were still announced.
  await announcer([])(() => true);
  clock.now = NOON + 60 * DAY;
  await announcer([])(() => true);
  expect(told()).toEqual([`${long} Expired`]);
  await with30Days(() => true);
  expect(told()).toEqual([`${long} Expired`, `${soon} in 30d`]);
});

it('sends no notice for a key whose expiry is moved to the past during the run', async () => {
  await announce();
  const keyId = await keyEndingAt(NOON + DAY + 10 * MINUTE);
  clock.now = NOON + 15 * MINUTE;
  const keys = {
    getAll: async (prefixes: readonly string[]) => {
      if (prefixes.includes(keyId)) await store.update(keyId, { expiresAt: clock.now - 1 });
      return store.getAll(prefixes);
    },
  };
  await announcer([1], keys)(() => true);
  expect(told()).toEqual([]);
});

it('logs a key with a damaged record, and announces all other keys', async () => {
  const logged = captureLoggedErrors();
  await announce();
  const end = NOON + 10 * MINUTE;
  const [damaged, odd, next] = [await keyEndingAt(end), await keyEndingAt(end + 1), await keyEndingAt(end + 2)];
  // Writes to the table as an operator could by hand.
  const edit = (prefix: string, UpdateExpression: string, values?: Record<string, unknown>) =>
    table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: { prefix },
        UpdateExpression,
        ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
      }),
    );
  await edit(damaged, 'REMOVE createdAt');
  await edit(odd, 'SET metadata.serial = :value', { ':value': 123456789012345678901234567890n });
  clock.now = end + 5 * MINUTE;
  await announce();
  clock.now += 5 * MINUTE;
  await announce();
  expect(told()).toEqual([`${odd} Expired`, `${next} Expired`]);
  expect(logged()).toContainEqual(expect.objectContaining({ level: 'ERROR', keyId: damaged }));
  expect(queue.messages).toEqual([{ code: 'DamagedItem', keyId: damaged }]);
});

it('announces hundreds of keys that expire in the same millisecond, with runs that stop after each page', async () => {
  await announce();
  const end = NOON + 10 * MINUTE;
  const keyIds: string[] = [];
  for (let index = 0; index < 230; index++) keyIds.push(await keyEndingAt(end));
  clock.now = end + 5 * MINUTE;
  let runs = 0;
  for (; bus.taken.length < 230 && runs < 10; runs++) {
    let pages = 0;
    await announce(() => pages++ < 1);
  }
  expect(runs).toBe(3);
  await announce();
  expect(bus.events.map(({ detail }) => detail.data.key.keyId).toSorted()).toEqual(keyIds.toSorted());
});

it('repeats at most one request when EventBridge stops accepting events in the middle of a run', async () => {
  await announce();
  const end = NOON + 10 * MINUTE;
  for (let index = 0; index < 25; index++) await keyEndingAt(end + index);
  clock.now = end + 5 * MINUTE;
  bus.trouble = (call) => (call === 0 ? undefined : 'refused');
  await expect(announce()).rejects.toThrow(NotPublishedError);
  expect(bus.taken).toHaveLength(10);
  bus.trouble = () => undefined;
  await announce();
  expect(bus.taken).toHaveLength(25);
  expect(bus.distinct).toHaveLength(25);
});

it('sets an event aside that EventBridge always rejects, and announces every other key once', async () => {
  captureLoggedErrors();
  await announce();
  const end = NOON + 10 * MINUTE;
  const keyIds: string[] = [];
  for (let index = 0; index < 13; index++) keyIds.push(await keyEndingAt(end + index));
  const rejected = [keyIds[0], keyIds[12]];
  bus.objection = ({ detail }) => (rejected.includes(detail.data.key.keyId) ? { code: 'InternalFailure' } : undefined);
  clock.now = end + 5 * MINUTE;
  for (let run = 0; run < 3; run++, clock.now += 5 * MINUTE) await announce();
  expect(told()).toEqual(keyIds.slice(1, 12).map((keyId) => `${keyId} Expired`));
  expect(queue.messages).toMatchObject(rejected.map((keyId) => ({ code: 'InternalFailure', keyId })));
});

it('continues with the other notices when one of them fails', async () => {
  await announce();
  const expired = await keyEndingAt(NOON + 10 * MINUTE);
  const expiring = await keyEndingAt(NOON + DAY + 10 * MINUTE);
  bus.objection = ({ type }) => (type === 'API Key Expired' ? { request: 'AccessDeniedException' } : undefined);
  clock.now = NOON + 15 * MINUTE;
  await expect(announce()).rejects.toThrow(NotPublishedError);
  expect(told()).toEqual([`${expiring} in 1d`]);
  bus.objection = () => undefined;
  await announce();
  expect(told()).toEqual([`${expiring} in 1d`, `${expired} Expired`]);
});

it('misses no key that was created after runs whose clock was ten hours ahead', async () => {
  await announce();
  clock.now = NOON + 10 * 60 * MINUTE;
  await announce();
  clock.now += 5 * MINUTE;
  await announce();
  const keyIds: string[] = [];
  for (const hours of [1, 3, 6, 9]) keyIds.push(await keyEndingAt(NOON + hours * 60 * MINUTE));
  clock.now = NOON + 2 * 60 * MINUTE;
  await runUntil(NOON + 12 * 60 * MINUTE, 30 * MINUTE);
  expect(told()).toEqual(keyIds.map((keyId) => `${keyId} Expired`));
});

it('announces no key before the scheduled time, even if the clock is ahead', async () => {
  await announce();
  const keyId = await keyEndingAt(NOON + 60 * MINUTE);
  clock.now = NOON + 10 * 60 * MINUTE;
  await announce(undefined, NOON + 5 * MINUTE);
  expect(told()).toEqual([]);
  await announce(undefined, NOON + 65 * MINUTE);
  expect(told()).toEqual([`${keyId} Expired`]);
});

it('repeats nothing after a run whose clock was behind', async () => {
  await announce();
  const keyId = await keyEndingAt(NOON + 10 * MINUTE);
  await runUntil(NOON + 20 * MINUTE);
  for (const lag of [MINUTE, 60 * MINUTE, 10 * 60 * MINUTE]) {
    clock.now = NOON + 25 * MINUTE - lag;
    await announce();
    clock.now = NOON + 30 * MINUTE;
    await announce();
  }
  expect(told()).toEqual([`${keyId} Expired`]);
});
