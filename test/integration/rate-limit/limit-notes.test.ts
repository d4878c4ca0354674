import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LimitReached } from '../../../src/gateway/key-events.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { LimitNotes } from '../../../src/rate-limit/limit-notes.ts';
import { answer, fakeDynamoDb, refuse, type FakeDynamoDb } from '../../support/storage/fast-reader/fake-dynamodb.ts';
import { instantDynamoDb } from '../storage/instant-dynamodb.ts';
import { localConnection, testLimitsTable } from '../../support/storage/test-table.ts';

const DAY = 86_400_000;
const MIDNIGHT = Date.UTC(2027, 0, 15);
const reached: LimitReached = {
  keyId: 'abcdefghijkl',
  limit: 'quota',
  allowed: '9/day',
  from: MIDNIGHT,
  until: MIDNIGHT + DAY,
  at: MIDNIGHT + 1,
};

describe('the limit note', () => {
  let table: Awaited<ReturnType<typeof testLimitsTable>>;
  let noted: (id: string) => Promise<unknown>;
  beforeAll(async () => {
    table = await testLimitsTable();
    noted = async (id) => {
      const command = new GetCommand({ TableName: table.tableName, Key: { id }, ConsistentRead: true });
      return (await table.client.send(command)).Item;
    };
  });
  /** A store without the memory of any other, as in a new environment. */
  const notes = () => new LimitNotes(table);

  it('records the first key that reached the limit in a window, and expires a day after the window', async () => {
    await notes().note('first', reached);
    expect(await noted('first#quota#9/day')).toEqual({
      id: 'first#quota#9/day',
      ...reached,
      ttl: (MIDNIGHT + 2 * DAY) / 1000,
    });
  });

  it('writes a limit note once per window, from the environment that is first', async () => {
    await notes().note('once', reached);
    await notes().note('once', { ...reached, keyId: 'other0000000', at: MIDNIGHT + 2 });
    await notes().note('once', { ...reached, from: MIDNIGHT - DAY, until: MIDNIGHT });
    expect(await noted('once#quota#9/day')).toMatchObject(reached);
  });

  it('writes another limit note in the next window', async () => {
    const environment = notes();
    const next = { ...reached, from: MIDNIGHT + DAY, until: MIDNIGHT + 2 * DAY, at: MIDNIGHT + DAY };
    await environment.note('next', reached);
    await environment.note('next', next);
    expect(await noted('next#quota#9/day')).toMatchObject(next);
  });

  it('writes a separate limit note for another limit, a raised limit, and other counters', async () => {
    const environment = notes();
    await environment.note('many', reached);
    await environment.note('many', { ...reached, limit: 'rate', allowed: '1/s' });
    await environment.note('many', { ...reached, allowed: '10/day' });
    await environment.note('more', reached);
    const ids = ['many#quota#9/day', 'many#rate#1/s', 'many#quota#10/day', 'more#quota#9/day'];
    expect(await Promise.all(ids.map(noted))).toMatchObject(ids.map((id) => ({ id })));
  });
});

describe('a rate limit environment', () => {
  let dynamodb: FakeDynamoDb;
  let client: ReturnType<typeof documentClient>;
  let notes: LimitNotes;
  beforeEach(async () => {
    dynamodb = await fakeDynamoDb();
    client = documentClient({ ...localConnection(), endpoint: dynamodb.endpoint, maxAttempts: 1 });
    notes = new LimitNotes({ client, tableName: 'limits' });
  });
  afterEach(() => {
    client.destroy();
    dynamodb.stop();
  });

  it('tries to write a limit note once per window, even if another environment has written the note', async () => {
    dynamodb.next(refuse(400, 'ConditionalCheckFailedException'), answer({}));
    await notes.note('a', reached);
    await notes.note('a', { ...reached, at: reached.at + 1 });
    expect(dynamodb.received).toHaveLength(1);
    await notes.note('a', { ...reached, from: MIDNIGHT + DAY });
    await notes.note('a', { ...reached, from: MIDNIGHT + DAY });
    expect(dynamodb.received).toHaveLength(2);
  });

  it('remembers ten thousand limit notes', async () => {
    const instant = instantDynamoDb();
    const remembering = new LimitNotes({ client: instant.client, tableName: 'limits' });
    for (let id = 0; id < 10_000; id++) await remembering.note(String(id), reached);
    await remembering.note('0', reached);
    expect(instant.asked()).toBe(10_000);
    await remembering.note('10000', reached);
    await remembering.note('0', reached);
    expect(instant.asked()).toBe(10_002);
  });

  it('retries a failed limit note on the next rejection', async () => {
    dynamodb.next(refuse(400, 'ValidationException'), answer({}));
    await expect(notes.note('a', reached)).rejects.toThrow('it is ValidationException');
    await notes.note('a', reached);
    expect(dynamodb.received).toHaveLength(2);
  });

  it('delays a rejected caller by at most half a second', async () => {
    dynamodb.next(() => undefined);
    await expect(notes.note('a', reached)).rejects.toMatchObject({ name: 'AbortError' });
    expect(dynamodb.received).toHaveLength(1);
  });
});
