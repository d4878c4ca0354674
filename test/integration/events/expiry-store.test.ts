import { beforeAll, describe, expect, it } from 'vitest';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { ExpiryStore, type ExpiryPage } from '../../../src/events/expiry-store.ts';
import type { StoredKey } from '../../../src/storage/key-store.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';

const NOW = Date.UTC(2027, 0, 15, 12);

let keys: DynamoKeyStore;
let expiries: ExpiryStore;
let others: ExpiryStore;
beforeAll(async () => {
  const table = await testTable();
  keys = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
  expiries = new ExpiryStore({ ...table, label: LABEL });
  others = new ExpiryStore({ ...table, label: 'other' });
});

async function endingAt(expiresAt: number | undefined, fields: Partial<StoredKey> = {}): Promise<string> {
  const record = aRecord({ expiresAt, ...fields });
  await keys.create(record);
  return record.prefix;
}

const prefixesOf = ({ keys: found }: ExpiryPage) => found.map(({ prefix }) => prefix);

describe('a page of expiring keys', () => {
  it('a page of expiring keys has the keys that expire after one time and up to another, in the order of their expiry', async () => {
    await endingAt(NOW);
    const last = await endingAt(NOW + 1000);
    const first = await endingAt(NOW + 1);
    await endingAt(NOW + 1001);
    await endingAt(undefined);
    const page = await expiries.page({ expiresAt: NOW }, NOW + 1000);
    expect(prefixesOf(page)).toEqual([first, last]);
    expect(page.next).toBeUndefined();
  });

  it('a page of expiring keys has no keys with another label, and no revoked keys', async () => {
    const at = NOW + 10_000;
    const own = await endingAt(at);
    const other = await endingAt(at, { label: 'other' });
    await keys.revoke(await endingAt(at), undefined, NOW);
    expect(prefixesOf(await expiries.page({ expiresAt: at - 1 }, at))).toEqual([own]);
    expect(prefixesOf(await others.page({ expiresAt: at - 1 }, at))).toEqual([other]);
  });

  it('a page of expiring keys is empty if the end time is not after the start time', async () => {
    const at = NOW + 20_000;
    await endingAt(at);
    for (const until of [at, at - 1]) expect(await expiries.page({ expiresAt: at }, until)).toEqual({ keys: [] });
  });

  it('a page of expiring keys has 100 of the keys that expire in the same millisecond, and the position of the next page', async () => {
    const at = NOW + 30_000;
    const ending: string[] = [];
    for (let made = 0; made < 101; made++) ending.push(await endingAt(at));
    const first = await expiries.page({ expiresAt: at - 1 }, at);
    expect(first.keys).toHaveLength(100);
    expect(first.next).toEqual({ expiresAt: at, prefix: prefixesOf(first).at(-1) });
    if (first.next === undefined) throw new Error('no next page');
    const second = await expiries.page(first.next, at);
    expect(second.next).toBeUndefined();
    expect([...prefixesOf(first), ...prefixesOf(second)].toSorted()).toEqual(ending.toSorted());
  });
});

describe('the position of a notice', () => {
  it('the position of a notice is undefined before the first run', async () => {
    expect(await expiries.position('in7d')).toBeUndefined();
  });

  it('the position of a notice is stored separately for each notice and label', async () => {
    await expiries.moveTo('in7d', { expiresAt: NOW, prefix: 'abcdefghijkl' });
    await expiries.moveTo('in1d', { expiresAt: NOW + 1 });
    await others.moveTo('in7d', { expiresAt: NOW + 2 });
    expect(await expiries.position('in7d')).toEqual({ expiresAt: NOW, prefix: 'abcdefghijkl' });
    expect(await expiries.position('in1d')).toEqual({ expiresAt: NOW + 1 });
    expect(await others.position('in7d')).toEqual({ expiresAt: NOW + 2 });
  });

  it('the position of a notice is the last stored one, and has no prefix after a completed page', async () => {
    await expiries.moveTo('expired', { expiresAt: NOW, prefix: 'abcdefghijkl' });
    await expiries.moveTo('expired', { expiresAt: NOW + 1, prefix: undefined });
    expect(await expiries.position('expired')).toEqual({ expiresAt: NOW + 1 });
  });

  it('the position of a notice is not included in a list of keys', async () => {
    await expiries.moveTo('listed', { expiresAt: NOW });
    const { records } = await keys.list({ label: 'other', limit: 100 }, NOW);
    expect(records.every(({ label }) => label === 'other')).toBe(true);
  });
});
