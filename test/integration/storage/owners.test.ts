import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import type { OwnerChange } from '../../../src/storage/key-store.ts';
import { ownerItemKey } from '../../../src/storage/table.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';

const RETENTION = 1000;
const NOW = 5_000_000_000;

let store: DynamoKeyStore;
let ttlOf: (ownerId: string) => Promise<unknown>;
beforeAll(async () => {
  const { client, tableName } = await testTable();
  store = new DynamoKeyStore({ client, tableName, retentionSeconds: RETENTION });
  ttlOf = async (ownerId) => {
    const Key = { prefix: ownerItemKey(LABEL, ownerId) };
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
    return Item?.['ttl'] as unknown;
  };
});

const change = (ownerId: string, at = NOW, by?: string): OwnerChange => ({ label: LABEL, ownerId, by, at });

describe('suspendOwner', () => {
  it('keeps the first time, person and reason of a suspension', async () => {
    const first = await store.suspendOwner(change('first', NOW, 'ann'), 'unpaid');
    const second = await store.suspendOwner(change('first', NOW + 1, 'bob'), 'again');
    expect(first.outcome).toBe('suspended');
    expect(second).toEqual({ outcome: 'already_suspended', owner: first.owner });
  });

  it('suspends an owner once for many concurrent calls', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, nth) => store.suspendOwner(change('many', NOW + nth), `reason ${String(nth)}`)),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'suspended')).toHaveLength(1);
    expect(new Set(outcomes.map(({ owner }) => owner.suspendedReason)).size).toBe(1);
  });

  it('forgets the earlier suspension of a resumed owner, and its TTL', async () => {
    await store.suspendOwner(change('twice', NOW, 'ann'), 'unpaid');
    await store.resumeOwner(change('twice', NOW + 1, 'bob'));
    expect(await ttlOf('twice')).toBe(Math.ceil((NOW + 1) / 1000) + RETENTION);
    const { owner } = await store.suspendOwner(change('twice', NOW + 2), undefined);
    expect(owner).toEqual({ label: LABEL, ownerId: 'twice', suspendedAt: NOW + 2 });
    expect(await ttlOf('twice')).toBeUndefined();
  });
});

describe('resumeOwner', () => {
  it('lifts a suspension once', async () => {
    await store.suspendOwner(change('lifted'), undefined);
    expect((await store.resumeOwner(change('lifted'))).outcome).toBe('resumed');
    expect((await store.resumeOwner(change('lifted', NOW + 1))).outcome).toBe('not_suspended');
  });

  it('reports success if a retry finds the suspension lifted because the first response was lost', async () => {
    await store.suspendOwner(change('unheard'), undefined);
    const resumption = change('unheard', NOW + 1, 'bob');
    const first = await store.resumeOwner(resumption);
    expect(await store.resumeOwner(resumption)).toEqual(first);
    expect((await store.resumeOwner({ ...resumption, by: 'ann' })).outcome).toBe('not_suspended');
    // It does not lift a newer suspension, or report it as lifted.
    await store.suspendOwner(change('unheard', NOW + 2), undefined);
    expect((await store.getOwner(LABEL, 'unheard', { consistent: true }))?.suspendedAt).toBe(NOW + 2);
  });

  it('does not create a record for an owner that was never suspended', async () => {
    expect(await store.resumeOwner(change('never'))).toEqual({ outcome: 'not_suspended' });
    expect(await store.getOwner(LABEL, 'never', { consistent: true })).toBeUndefined();
  });
});

it('does not list owner records as keys', async () => {
  const record = aRecord({ ownerId: 'listed' });
  await store.create(record);
  await store.suspendOwner(change('listed'), undefined);
  for (const query of [{}, { ownerId: 'listed' }, { namePrefix: 'a' }]) {
    const { records } = await store.list({ label: LABEL, limit: 100, ...query }, NOW);
    expect(records.map(({ prefix }) => prefix)).toEqual([record.prefix]);
  }
});
