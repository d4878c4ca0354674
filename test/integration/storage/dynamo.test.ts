import { GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { KEY_FIELDS } from '../../../src/core/keys/key-fields.ts';
import { RECORD_SIZE_LIMITS, type KeyRecord } from '../../../src/core/keys/record.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { DynamoKeyStore, InvalidCursorError } from '../../../src/storage/dynamo.ts';
import type { ListQuery, StoredKey } from '../../../src/storage/key-store.ts';
import { answer, fakeDynamoDb, refuse, type FakeDynamoDb } from '../../support/storage/fast-reader/fake-dynamodb.ts';
import { readerContract } from './reader-contract.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { localConnection, testTable } from '../../support/storage/test-table.ts';

const RETENTION = 1000;
const NOW = 5_000_000_000;
const HOUR = 3_600_000;

let client: DynamoDBDocumentClient;
let tableName: string;
let store: DynamoKeyStore;

beforeAll(async () => {
  ({ client, tableName } = await testTable());
  store = new DynamoKeyStore({ client, tableName, retentionSeconds: RETENTION });
});

const stored = async (fields: Partial<StoredKey> = {}): Promise<StoredKey> => {
  const record = aRecord(fields);
  expect(await store.create(record)).toMatchObject({ outcome: 'stored' });
  return record;
};
const now = (prefix: string) => store.get(prefix, { consistent: true });
const item = async (prefix: string) =>
  (await client.send(new GetCommand({ TableName: tableName, Key: { prefix }, ConsistentRead: true }))).Item;

readerContract(() => ({
  reader: store,
  store,
  readerAt: (endpoint) =>
    new DynamoKeyStore({
      client: documentClient({ ...localConnection(), endpoint }),
      tableName,
      retentionSeconds: RETENTION,
    }),
}));

describe('create', () => {
  it('never overwrites a key: of twenty with the same prefix, one is stored', async () => {
    const { prefix } = aRecord();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.create(aRecord({ prefix, name: `key ${String(index)}` }))),
    );
    const winners = outcomes.filter(({ outcome }) => outcome === 'stored');
    expect(winners).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'prefix_taken')).toHaveLength(19);
    for (const { record } of outcomes) expect(record.name).toBe(winners[0]?.record.name);
    expect((await now(prefix))?.name).toBe(winners[0]?.record.name);
  });

  it('keeps metadata with any field names', async () => {
    const metadata = { constructor: 'acme', toString: 'text', hasOwnProperty: true, length: 0 };
    const { prefix } = await stored({ metadata });
    expect((await now(prefix))?.metadata).toEqual(metadata);
  });

  it('keeps a key without an expiry forever, and other keys for the retention time after their expiry', async () => {
    const endless = await stored();
    const ending = await stored({ expiresAt: NOW + 1 });
    expect(await item(endless.prefix)).not.toHaveProperty('ttl');
    expect(await item(ending.prefix)).toHaveProperty('ttl', NOW / 1000 + 1 + RETENTION);
  });
});

describe('update', () => {
  it('changes only the given fields, and increments the version', async () => {
    const record = await stored({ ownerId: 'acme', metadata: { plan: 'free' } });
    const outcome = await store.update(record.prefix, { name: 'Renamed', metadata: { plan: 'pro' } });
    const updated = { ...record, name: 'Renamed', metadata: { plan: 'pro' }, version: 2 };
    expect(outcome).toEqual({ outcome: 'updated', record: updated });
    expect(await now(record.prefix)).toEqual(updated);
  });

  it('makes a renamed key searchable by its new name only', async () => {
    const { prefix } = await stored({ label: 'renamed', name: 'Old name' });
    const found = async (namePrefix: string) =>
      (await store.list({ label: 'renamed', namePrefix, limit: 10 }, NOW)).records.map((record) => record.prefix);
    await store.update(prefix, { name: 'New name' });
    expect(await found('new')).toEqual([prefix]);
    expect(await found('old')).toEqual([]);
    await store.update(prefix, { metadata: { a: 1 } });
    expect(await found('new')).toEqual([prefix]);
  });

  it('updates and removes the TTL with the expiry', async () => {
    const { prefix } = await stored();
    await store.update(prefix, { expiresAt: NOW });
    expect(await item(prefix)).toMatchObject({ expiresAt: NOW, ttl: NOW / 1000 + RETENTION });
    await store.update(prefix, { expiresAt: null });
    expect(await item(prefix)).not.toHaveProperty('expiresAt');
    expect(await item(prefix)).not.toHaveProperty('ttl');
  });

  it('keeps concurrent changes to other fields', async () => {
    const { prefix } = await stored();
    await Promise.all([
      store.update(prefix, { name: 'both' }),
      store.update(prefix, { scopes: ['GET /'] }),
      store.update(prefix, { metadata: { a: 1 } }),
      store.update(prefix, { expiresAt: NOW }),
    ]);
    expect(await now(prefix)).toMatchObject({
      name: 'both',
      scopes: ['GET /'],
      metadata: { a: 1 },
      expiresAt: NOW,
      version: 5,
    });
  });

  it('requires the given version: of ten concurrent updates, one succeeds', async () => {
    const { prefix } = await stored();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => store.update(prefix, { name: `writer ${String(index)}` }, 1)),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'updated')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'version_conflict')).toHaveLength(9);
  });

  it('rejects an update of a missing or revoked key, or of an expiry that a rotation has set', async () => {
    expect(await store.update('000000000000', { name: 'x' })).toEqual({ outcome: 'not_found' });
    expect(await now('000000000000')).toBeUndefined();

    const revoked = await stored();
    await store.revoke(revoked.prefix, undefined, NOW);
    expect(await store.update(revoked.prefix, { name: 'x' })).toMatchObject({ outcome: 'revoked' });

    const replaced = await stored();
    await store.rotate(replaced, aRecord(), NOW + HOUR);
    expect(await store.update(replaced.prefix, { expiresAt: null })).toMatchObject({ outcome: 'replaced' });
    expect(await store.update(replaced.prefix, { name: 'still mine to name' })).toMatchObject({ outcome: 'updated' });
    expect(await now(replaced.prefix)).toMatchObject({ expiresAt: NOW + HOUR });
  });
});

describe("an update of a key's notBefore or expiry", () => {
  it.each([
    ['an expiry before notBefore', { notBefore: NOW }, { expiresAt: NOW - 1 }],
    ['an expiry equal to notBefore', { notBefore: NOW }, { expiresAt: NOW }],
    ['a notBefore after the expiry', { expiresAt: NOW }, { notBefore: NOW + 1 }],
    ['a notBefore equal to the expiry', { expiresAt: NOW }, { notBefore: NOW }],
  ])('rejects %s, because the key would never be valid', async (_what, fields, changes) => {
    const record = await stored(fields);
    expect(await store.update(record.prefix, changes)).toEqual({ outcome: 'never_valid', record });
    expect(await now(record.prefix)).toEqual(record);
  });

  it.each([
    [{ notBefore: NOW }, { expiresAt: NOW + 1 }],
    [{ expiresAt: NOW }, { notBefore: NOW - 1 }],
    [{}, { expiresAt: NOW }],
    [{}, { notBefore: NOW }],
    [{ notBefore: NOW }, { expiresAt: null }],
    [{ expiresAt: NOW }, { notBefore: null }],
    // Both change in one update.
    [
      { notBefore: NOW, expiresAt: NOW + 1 },
      { notBefore: NOW + 2, expiresAt: NOW + 3 },
    ],
    [
      { notBefore: NOW + 2, expiresAt: NOW + 3 },
      { notBefore: NOW, expiresAt: NOW + 1 },
    ],
  ])('moves notBefore and expiry from %j to %j', async (fields, changes) => {
    const { prefix } = await stored(fields);
    expect(await store.update(prefix, changes)).toMatchObject({ outcome: 'updated' });
  });
});

describe('rotate', () => {
  it('stores the successor and sets the expiry of the old key in one transaction', async () => {
    const old = await stored({ ownerId: 'acme' });
    const successor = aRecord({ rotatedFrom: old.prefix });
    expect(await store.rotate(old, successor, NOW + HOUR)).toEqual({ outcome: 'stored', record: successor });
    expect(await now(successor.prefix)).toEqual(successor);
    expect(await item(old.prefix)).toMatchObject({
      replacedBy: successor.prefix,
      expiresAt: NOW + HOUR,
      ttl: (NOW + HOUR) / 1000 + RETENTION,
      version: 2,
    });
  });

  it('does not rotate a key that has changed since it was read', async () => {
    const old = await stored();
    await store.update(old.prefix, { scopes: ['GET /narrowed'] });
    const successor = aRecord();
    expect(await store.rotate(old, successor, NOW)).toEqual({ outcome: 'changed' });
    expect(await now(successor.prefix)).toBeUndefined();
    expect(await now(old.prefix)).not.toHaveProperty('replacedBy');
  });

  it('does not rotate a key that no longer exists', async () => {
    const successor = aRecord();
    expect(await store.rotate(aRecord(), successor, NOW)).toEqual({ outcome: 'changed' });
    expect(await now(successor.prefix)).toBeUndefined();
  });

  it('does not rotate a key if the new prefix is taken', async () => {
    const old = await stored();
    const other = await stored({ name: 'other' });
    expect(await store.rotate(old, aRecord({ prefix: other.prefix }), NOW)).toEqual({
      outcome: 'prefix_taken',
      record: other,
    });
    expect(await now(old.prefix)).toEqual(old);
    expect(await now(other.prefix)).toEqual(other);
  });

  it('stores one successor for ten concurrent rotations', async () => {
    const old = await stored();
    const successors = Array.from({ length: 10 }, () => aRecord({ rotatedFrom: old.prefix }));
    const outcomes = await Promise.all(successors.map((successor) => store.rotate(old, successor, NOW)));
    expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'changed')).toHaveLength(9);
    const found = await Promise.all(successors.map(({ prefix }) => now(prefix)));
    expect(found.filter((record) => record !== undefined)).toHaveLength(1);
    expect((await now(old.prefix))?.replacedBy).toBe(found.find((record) => record !== undefined)?.prefix);
  });
});

describe('revoke', () => {
  it('revokes a key for good, with the first time and reason', async () => {
    const { prefix } = await stored({ expiresAt: NOW + 10 * HOUR });
    expect(await store.revoke(prefix, 'leaked', NOW)).toMatchObject({
      outcome: 'revoked',
      record: { revokedAt: NOW, revokedReason: 'leaked' },
    });
    expect(await store.revoke(prefix, 'again', NOW + HOUR)).toMatchObject({
      outcome: 'already_revoked',
      record: { revokedAt: NOW, revokedReason: 'leaked' },
    });
    expect(await item(prefix)).toMatchObject({ revokedAt: NOW, revokedReason: 'leaked', ttl: NOW / 1000 + RETENTION });
  });

  it('creates no record when it revokes an unknown key', async () => {
    expect(await store.revoke('000000000000', 'x', NOW)).toEqual({ outcome: 'not_found' });
    expect(await now('000000000000')).toBeUndefined();
  });

  it('leaves a key revoked after a concurrent update, in either order', async () => {
    for (let round = 0; round < 20; round++) {
      const { prefix } = await stored();
      const [update] = await Promise.all([
        store.update(prefix, { expiresAt: NOW * 2 }),
        store.revoke(prefix, 'leaked', NOW),
      ]);
      expect(await item(prefix)).toMatchObject({
        revokedAt: NOW,
        ttl: NOW / 1000 + RETENTION,
        version: update.outcome === 'updated' ? 3 : 2,
      });
    }
  });

  it('leaves a key revoked after a concurrent rotation, with a successor only if the rotation reports it', async () => {
    for (let round = 0; round < 20; round++) {
      const old = await stored();
      const successor = aRecord();
      const [rotation] = await Promise.all([
        store.rotate(old, successor, NOW + HOUR),
        store.revoke(old.prefix, 'leaked', NOW),
      ]);
      expect(await now(old.prefix)).toMatchObject({ revokedAt: NOW });
      expect((await now(successor.prefix)) !== undefined).toBe(rotation.outcome === 'stored');
    }
  });
});

describe('list', () => {
  const label = 'listed';
  const records: StoredKey[] = [];

  beforeAll(async () => {
    for (let index = 0; index < 25; index++) {
      const record = aRecord({
        label,
        name: `${index % 2 === 0 ? 'Alpha' : 'beta'} ${String(index).padStart(2, '0')}`,
        ownerId: index % 5 === 0 ? 'acme' : 'other',
        createdAt: NOW + index,
        expiresAt: index % 3 === 0 ? NOW - HOUR : undefined,
        revokedAt: index % 4 === 0 ? NOW : undefined,
      });
      records.push(record);
      await store.create(record);
    }
    await store.create(aRecord({ label: 'another', ownerId: 'acme', name: 'alpha of another kind' }));
  });

  const newestFirst = (keep: (record: KeyRecord) => boolean) =>
    records
      .filter(keep)
      .map(({ name }) => name)
      .toReversed();

  /** Returns every page of a list, in order. */
  async function pages(query: Omit<ListQuery, 'label'>): Promise<string[][]> {
    const all: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ label, ...query, cursor }, NOW);
      expect(page.records.length).toBeLessThanOrEqual(query.limit);
      all.push(page.records.map(({ name }) => name));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return all;
  }

  it('lists the newest keys first, each key once, page by page', async () => {
    for (const limit of [1, 7, 24, 25, 26, 100])
      expect((await pages({ limit })).flat()).toEqual(newestFirst(() => true));
  });

  it("lists an owner's keys, only of this label", async () => {
    expect((await pages({ ownerId: 'acme', limit: 2 })).flat()).toEqual(
      newestFirst(({ ownerId }) => ownerId === 'acme'),
    );
    expect(await pages({ ownerId: 'nobody', limit: 10 })).toEqual([[]]);
  });

  it('filters by the current status', async () => {
    const expired = (record: KeyRecord) => record.expiresAt !== undefined;
    const revoked = (record: KeyRecord) => record.revokedAt !== undefined;
    for (const limit of [2, 50]) {
      expect((await pages({ status: 'revoked', limit })).flat()).toEqual(newestFirst(revoked));
      expect((await pages({ status: 'expired', limit })).flat()).toEqual(
        newestFirst((one) => expired(one) && !revoked(one)),
      );
      expect((await pages({ status: 'active', limit })).flat()).toEqual(
        newestFirst((one) => !expired(one) && !revoked(one)),
      );
      expect((await pages({ status: 'revoked', ownerId: 'acme', limit })).flat()).toEqual(
        newestFirst((one) => revoked(one) && one.ownerId === 'acme'),
      );
    }
  });

  it('returns a cursor for a filtered list only if there are more matches', async () => {
    const active = newestFirst((one) => one.expiresAt === undefined && one.revokedAt === undefined);
    const page = async (limit: number) => store.list({ label, status: 'active', limit }, NOW);
    expect((await page(active.length - 1)).cursor).toBeDefined();
    expect((await page(active.length)).cursor).toBeUndefined();
  });

  it("finds keys by a prefix of the name in any case, sorted by name, and an owner's keys sorted by creation time", async () => {
    const alphas = records.map(({ name }) => name).filter((name) => name.startsWith('Alpha'));
    expect((await pages({ namePrefix: 'ALPHA', limit: 3 })).flat()).toEqual(alphas.toSorted());
    expect((await pages({ namePrefix: 'Beta 0', ownerId: 'acme', limit: 3 })).flat()).toEqual(['beta 05']);
    expect((await pages({ namePrefix: 'alpha', status: 'revoked', ownerId: 'acme', limit: 3 })).flat()).toEqual([
      'Alpha 20',
      'Alpha 00',
    ]);
    expect((await pages({ namePrefix: 'alpha', status: 'revoked', limit: 3 })).flat()).toEqual(
      records.filter((one) => one.name.startsWith('Alpha') && one.revokedAt !== undefined).map(({ name }) => name),
    );
  });

  it('returns the current records of the table, not outdated index entries', async () => {
    const fresh = aRecord({ label: 'fresh' });
    await store.create(fresh);
    await store.touch(fresh.prefix, NOW, HOUR);
    expect((await store.list({ label: 'fresh', limit: 1 }, NOW)).records).toEqual([{ ...fresh, lastUsedAt: NOW }]);
  });

  it('rejects a cursor that the store did not create', async () => {
    const byName = (await store.list({ label, namePrefix: 'a', limit: 1 }, NOW)).cursor;
    for (const cursor of [
      '',
      'x',
      '%%%',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('{"a":1}').toString('base64url'),
      byName,
    ]) {
      await expect(store.list({ label, limit: 1, cursor }, NOW)).rejects.toThrow(InvalidCursorError);
    }
  });

  it('never leaves its label, even with a cursor for another one', async () => {
    const others = await store.list({ label, limit: 1 }, NOW);
    const page = await store.list({ label: 'another', limit: 100, cursor: others.cursor }, NOW);
    for (const record of page.records) expect(record.label).toBe('another');
  });
});

it('limits a record to 4 KB, so that each decision reads half a read unit', async () => {
  const wide = '\u{10ffff}';
  // An imported key is not larger: it has no idempotency field, and its digest is not longer after its first use.
  // Neither is a key in a secret whose name has up to 100 characters, because it has no idempotency field either.
  type Written =
    | 'prefix'
    | 'digest'
    | 'createdAt'
    | 'version'
    | 'revokedAt'
    | 'revokedReason'
    | 'replacedBy'
    | 'lastUsedAt'
    // A revocation removes these fields.
    | 'disabledAt'
    | 'disabledReason'
    | 'disabledBy';
  const full = aRecord({
    label: 'l'.repeat(24),
    name: wide.repeat(KEY_FIELDS.name.maxCharacters / 2),
    ownerId: 'o'.repeat(KEY_FIELDS.ownerId.maxCharacters),
    scopes: Array.from({ length: RECORD_SIZE_LIMITS.scopesBytes / 8 }, () => 'GET /ab'),
    metadata: { a: 'm'.repeat(RECORD_SIZE_LIMITS.metadataBytes - '{"a":""}'.length) },
    plan: 'p'.repeat(32),
    limits: { rate: '10000000/min', burst: 1_000_000, quota: '999999999999/month' },
    restrictions: { stages: ['s'.repeat(RECORD_SIZE_LIMITS.restrictionsBytes - '{"stages":[""]}'.length)] },
    countsAs: 'c'.repeat(12),
    usageId: 2,
    notBefore: NOW,
    expiresAt: NOW,
    rotatedFrom: LABEL.repeat(2).slice(0, 12),
    idempotency: { token: 't'.repeat(43), request: 'r'.repeat(43) },
  } satisfies Required<Omit<StoredKey, Written | 'importedFrom' | 'secretName'>>);
  await store.create(full);
  await store.rotate(full, aRecord(), NOW);
  await store.touch(full.prefix, NOW, HOUR);
  await store.disable(full.prefix, { at: NOW, by: 'support', reason: 'unpaid' });
  await store.revoke(full.prefix, wide.repeat(RECORD_SIZE_LIMITS.reasonCharacters / 2), NOW);
  const { ConsumedCapacity } = await client.send(
    new GetCommand({ TableName: tableName, Key: { prefix: full.prefix }, ReturnConsumedCapacity: 'TOTAL' }),
  );
  expect(ConsumedCapacity?.CapacityUnits).toBe(0.5);
});

describe('a change during a rotation of the same key', () => {
  const conflict = refuse(400, 'TransactionConflictException');
  const done = answer({ Attributes: { prefix: { S: 'abcdefghijkl' }, version: { N: '2' } } });
  const storeAt = (dynamo: FakeDynamoDb) =>
    new DynamoKeyStore({
      client: documentClient({ ...localConnection(), endpoint: dynamo.endpoint }),
      tableName,
      retentionSeconds: RETENTION,
    });

  it('retries a revocation that conflicts with a rotation', async () => {
    const dynamo = await fakeDynamoDb();
    dynamo.next(conflict, conflict, done);
    expect(await storeAt(dynamo).revoke('abcdefghijkl', 'leaked', NOW)).toMatchObject({ outcome: 'revoked' });
    expect(dynamo.received).toHaveLength(3);
    dynamo.stop();
  });

  it('gives up a revocation after repeated conflicts with rotations', async () => {
    const dynamo = await fakeDynamoDb();
    dynamo.next(conflict);
    await expect(storeAt(dynamo).update('abcdefghijkl', { name: 'n' })).rejects.toThrow('TransactionConflict');
    expect(dynamo.received).toHaveLength(4);
    dynamo.stop();
  });
});
