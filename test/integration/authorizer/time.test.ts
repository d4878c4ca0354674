import { randomBytes } from 'node:crypto';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, it } from 'vitest';
import { createKeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS } from '../../../src/gateway/settings.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { RecordCache } from '../../../src/storage/fast-reader/record-cache.ts';
import type { StoredKey } from '../../../src/storage/key-store.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';
import { restEvent } from '../../support/authorizer/events.ts';

const END = Date.UTC(2028, 1, 29, 23, 59, 59, 999);
const settings = { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL };

let table: Awaited<ReturnType<typeof testTable>>;
let keys: DynamoKeyStore;
beforeAll(async () => {
  table = await testTable();
  keys = new DynamoKeyStore({ ...table, retentionSeconds: 1 });
});

async function issue(fields: Partial<StoredKey>) {
  const key = newKey({ label: LABEL, randomBytes });
  await keys.create(aRecord({ prefix: key.prefix, digest: digestOf(key.text), ...fields }));
  return key;
}

/** An authorizer with an adjustable clock, and its decision on a key at a given time. */
function authorizerWith(cacheSeconds: number) {
  let now = 0;
  let said = '';
  const reader = cacheSeconds === 0 ? keys : new RecordCache(keys, { seconds: cacheSeconds, now: () => now });
  const authorizer = createKeyAuthorizer(settings, {
    keys: reader,
    now: () => now,
    report: ({ result }) => (said = result),
  });
  return async ({ text }: { text: string }, at: number) => {
    now = at;
    await authorizer(restEvent({ headers: { 'x-api-key': text } }));
    return said;
  };
}

it.each([0, 60])(
  'rejects a key from the exact millisecond of its expiry, with a record cache of %i seconds',
  async (cacheSeconds) => {
    const key = await issue({ expiresAt: END });
    const at = authorizerWith(cacheSeconds);
    expect(await at(key, END - 1)).toBe('allowed');
    expect(await at(key, END)).toBe('expired');
    expect(await at(key, END + 1)).toBe('expired');
  },
);

it('follows a clock that jumps back, and allows no key because of a record cached at a later time', async () => {
  const key = await issue({ expiresAt: END });
  const at = authorizerWith(60);
  expect(await at(key, END + 1_000_000)).toBe('expired');
  expect(await at(key, END - 1000)).toBe('allowed');
  await keys.revoke(key.prefix, undefined, END);
  // After the clock is set back, the age of the cached record is unknown, so the record is read again.
  expect(await at(key, END - 2000)).toBe('revoked');
});

it('rejects a key that TTL removes between two reads as an unknown key', async () => {
  const key = await issue({ expiresAt: END });
  const at = authorizerWith(0);
  expect(await at(key, END - 1)).toBe('allowed');
  // The key expired long ago and still exists: TTL can take days.
  expect(await at(key, END + 5 * 86_400_000)).toBe('expired');
  await table.client.send(new DeleteCommand({ TableName: table.tableName, Key: { prefix: key.prefix } }));
  expect(await at(key, END + 5 * 86_400_000)).toBe('unknown');
  // A delayed write of lastUsedAt does not restore the record.
  await keys.touch(key.prefix, END, 0);
  expect(await at(key, END - 1)).toBe('unknown');
});
