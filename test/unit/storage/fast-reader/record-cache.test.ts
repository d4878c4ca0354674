import { beforeEach, describe, expect, it } from 'vitest';
import type { OwnerRecord } from '../../../../src/core/keys/owner.ts';
import type { KeyReader, OwnerReader, StoredKey } from '../../../../src/storage/key-store.ts';
import { RecordCache } from '../../../../src/storage/fast-reader/record-cache.ts';
import { aRecord } from '../../../support/storage/records.ts';

const SECONDS = 5;
const START = 1_000_000_000;

let records: Map<string, StoredKey>;
let owners: Map<string, OwnerRecord>;
let reads: string[];
let touches: number;
let replaced: string[][];
let clock: number;
let cache: RecordCache;

beforeEach(() => {
  records = new Map();
  owners = new Map();
  reads = [];
  touches = 0;
  replaced = [];
  clock = START;
  const table: KeyReader & OwnerReader = {
    get: (prefix) => {
      reads.push(prefix);
      return Promise.resolve(records.get(prefix));
    },
    getOwner: (_label, ownerId) => {
      reads.push(ownerId);
      return Promise.resolve(owners.get(ownerId));
    },
    touch: () => {
      touches++;
      return Promise.resolve();
    },
    replaceDigest: (prefix, from, to) => {
      replaced.push([prefix, from, to]);
      return Promise.resolve();
    },
  };
  cache = new RecordCache(table, { seconds: SECONDS, now: () => clock });
});

function stored(fields: Partial<StoredKey> = {}): StoredKey {
  const record = aRecord(fields);
  records.set(record.prefix, record);
  return record;
}

describe('a usable key in the record cache', () => {
  it('reads a key once within the configured time, and again afterwards', async () => {
    const record = stored();
    expect(await cache.get(record.prefix)).toEqual(record);
    clock += SECONDS * 1000 - 1;
    expect(await cache.get(record.prefix)).toEqual(record);
    expect(reads).toHaveLength(1);
    clock += 1;
    records.set(record.prefix, { ...record, revokedAt: clock });
    expect(await cache.get(record.prefix)).toHaveProperty('revokedAt');
    expect(reads).toHaveLength(2);
  });

  it('reads a key again for a consistent read, and after the clock was set back', async () => {
    const { prefix } = stored();
    await cache.get(prefix);
    await cache.get(prefix, { consistent: true });
    expect(reads).toHaveLength(2);
    clock -= 1;
    await cache.get(prefix);
    expect(reads).toHaveLength(3);
  });

  it('removes a key as soon as any read finds it expired or revoked', async () => {
    const record = stored();
    await cache.get(record.prefix);
    records.set(record.prefix, { ...record, revokedAt: clock });
    expect(await cache.get(record.prefix, { consistent: true })).toHaveProperty('revokedAt');
    expect(await cache.get(record.prefix)).toHaveProperty('revokedAt');
    expect(reads).toHaveLength(3);
  });

  it('records the use and the faster digest of a key that is not cached', async () => {
    const { prefix, digest } = stored();
    await cache.touch(prefix, clock, 1000);
    await cache.replaceDigest(prefix, digest, 'quicker');
    expect(touches).toBe(1);
    expect(replaced).toEqual([[prefix, digest, 'quicker']]);
    expect(await cache.get(prefix)).toHaveProperty('digest', digest);
  });

  it('does not record a use again within the interval', async () => {
    const { prefix } = stored();
    await cache.get(prefix);
    await cache.touch(prefix, clock, 1000);
    expect(touches).toBe(1);
    expect((await cache.get(prefix))?.lastUsedAt).toBe(clock);
    expect(reads).toHaveLength(1);
  });

  it('compares the faster digest as soon as it is known', async () => {
    const { prefix, digest } = stored();
    await cache.get(prefix);
    await cache.replaceDigest(prefix, 'another', 'never');
    expect((await cache.get(prefix))?.digest).toBe(digest);
    await cache.replaceDigest(prefix, digest, 'quicker');
    expect((await cache.get(prefix))?.digest).toBe('quicker');
    expect(reads).toHaveLength(1);
    expect(replaced).toEqual([
      [prefix, 'another', 'never'],
      [prefix, digest, 'quicker'],
    ]);
  });
});

it('caches no unknown, revoked or expired key', async () => {
  const revoked = stored({ revokedAt: START - 1 });
  const expired = stored({ expiresAt: START });
  for (const prefix of ['000000000000', revoked.prefix, expired.prefix]) {
    reads = [];
    await cache.get(prefix);
    await cache.get(prefix);
    expect(reads).toHaveLength(2);
  }
});

describe('an owner in the record cache', () => {
  const suspended: OwnerRecord = { label: 'lk', ownerId: 'acme', suspendedAt: START };

  it('reads an owner that is not suspended once within the configured time, and again for a consistent read', async () => {
    expect(await cache.getOwner('lk', 'acme')).toBeUndefined();
    clock += SECONDS * 1000 - 1;
    owners.set('acme', suspended);
    expect(await cache.getOwner('lk', 'acme')).toBeUndefined();
    expect(await cache.getOwner('lk', 'acme', { consistent: true })).toEqual(suspended);
    expect(reads).toEqual(['acme', 'acme']);
  });

  it('distinguishes owners by label', async () => {
    await cache.getOwner('lk', 'acme');
    owners.set('acme', suspended);
    expect(await cache.getOwner('other', 'acme')).toEqual(suspended);
  });

  it('never caches a suspended owner, so that resuming it takes effect immediately', async () => {
    owners.set('acme', suspended);
    expect(await cache.getOwner('lk', 'acme')).toEqual(suspended);
    owners.clear();
    expect(await cache.getOwner('lk', 'acme')).toBeUndefined();
    expect(reads).toHaveLength(2);
  });
});

it('caches no failed read', async () => {
  let fails = true;
  const record = aRecord();
  const shaky = new RecordCache(
    {
      get: () => (fails ? Promise.reject(new Error('outage')) : Promise.resolve(record)),
      getOwner: () => Promise.reject(new Error('outage')),
      touch: () => Promise.resolve(),
      replaceDigest: () => Promise.resolve(),
    },
    { seconds: SECONDS },
  );
  await expect(shaky.get(record.prefix)).rejects.toThrow('outage');
  fails = false;
  expect(await shaky.get(record.prefix)).toEqual(record);
});

it('caches a thousand keys', async () => {
  const many = Array.from({ length: 1000 }, () => stored());
  for (const { prefix } of many) await cache.get(prefix);
  for (const { prefix } of many) await cache.get(prefix);
  expect(reads).toHaveLength(1000);
});

it('limits the number of cached keys, and removes those that were read first', async () => {
  const many = Array.from({ length: 1500 }, () => stored());
  for (const { prefix } of many) await cache.get(prefix);
  reads = [];
  await cache.get(many.at(-1)?.prefix ?? '');
  expect(reads).toHaveLength(0);
  await cache.get(many[0]?.prefix ?? '');
  expect(reads).toHaveLength(1);
});
