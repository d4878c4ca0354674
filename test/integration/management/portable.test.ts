import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { IMPORTED_FORMATS } from '../../../src/core/keys/imported-key.ts';
import { create } from '../../../src/management/operations/create.ts';
import { exportKeys } from '../../../src/management/operations/export.ts';
import { get } from '../../../src/management/operations/get.ts';
import { importKeys, type ImportOutcome } from '../../../src/management/operations/import.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import { revoke } from '../../../src/management/operations/revoke.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { update } from '../../../src/management/operations/update.ts';
import { verify } from '../../../src/management/operations/verify.ts';
import type { portableKey } from '../../../src/management/portable-key.ts';
import type { PortableKey } from '../../../src/management/portable.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { CompleteResponseHandler } from '../../../src/storage/complete-response-handler.ts';
import { LABEL } from '../../support/storage/records.ts';
import { localConnection, testTable } from '../../support/storage/test-table.ts';

let context: OperationContext;

it('the type PortableKey is the type of the records that an import accepts', () => {
  expectTypeOf<PortableKey>().toExtend<z.input<ReturnType<typeof portableKey>>>();
  expectTypeOf<z.input<ReturnType<typeof portableKey>>>().toExtend<PortableKey>();
});

async function freshContext(): Promise<OperationContext> {
  return {
    settings: {
      label: LABEL,
      importedFormats: IMPORTED_FORMATS,
      retentionSeconds: 1000,
      restrictions: ['sourceIp', 'origin'],
      plans: { pro: { rate: '100/s' } },
      ownerSuspension: true,
    },
    keys: new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 }),
    now: Date.now,
    randomBytes,
  };
}

beforeEach(async () => {
  context = await freshContext();
});

const SECRET = 'a'.repeat(32);
const drfKey = (prefix: string, fields: Partial<PortableKey> = {}): PortableKey => ({
  prefix: `drf.${prefix}`,
  digest: `sha512$$${createHash('sha512').update(`${prefix}.${SECRET}`).digest('hex')}`,
  importedFrom: 'drf',
  name: 'a key',
  createdAt: '2026-01-01T00:00:00Z',
  ...fields,
});

async function imported(records: unknown[], dryRun = false): Promise<ImportOutcome['outcome'][]> {
  return (await importKeys(context, { records, dryRun })).outcomes.map(({ outcome }) => outcome);
}

async function everything(from = context): Promise<PortableKey[]> {
  const all: PortableKey[] = [];
  let cursor: string | null = null;
  do {
    const page = await exportKeys(from, { limit: 7, ...(cursor === null ? {} : { cursor }) });
    all.push(...page.records);
    cursor = page.cursor;
  } while (cursor !== null);
  return all.toSorted((one, other) => (one.prefix < other.prefix ? -1 : 1));
}

describe('the operation import', () => {
  it('stores a key that stays valid, and that can be managed like any other', async () => {
    expect(await imported([drfKey('abcdefgh', { ownerId: 'acme', scopes: ['GET /orders/*'] })])).toEqual(['imported']);
    const key = `abcdefgh.${SECRET}`;
    expect(await verify(context, { key, route: 'GET /orders/1' })).toMatchObject({
      valid: true,
      record: { prefix: 'drf.abcdefgh', importedFrom: 'drf', label: LABEL, ownerId: 'acme', version: 1 },
    });
    expect(await update(context, { prefix: 'drf.abcdefgh', name: 'renamed' })).toMatchObject({ name: 'renamed' });
    const successor = await rotate(context, { prefix: 'drf.abcdefgh', overlap: '1h' });
    expect(successor.key).toMatch(/^lk_test_/);
    expect(await verify(context, { key })).toMatchObject({ valid: true });
    await revoke(context, { prefix: 'drf.abcdefgh' });
    expect(await verify(context, { key })).toEqual({ valid: false, reason: 'revoked' });
  });

  it('returns the outcome for each record on a dry run, and writes nothing', async () => {
    await imported([drfKey('aaaaaaaa')]);
    const records = [drfKey('aaaaaaaa'), drfKey('bbbbbbbb'), drfKey('cccccccc', { name: '' }), 7];
    expect(await imported(records, true)).toEqual(['present', 'imported', 'refused', 'refused']);
    expect((await everything()).map(({ prefix }) => prefix)).toEqual(['drf.aaaaaaaa']);
  });

  it('changes nothing when a key is imported again, even if it was revoked since', async () => {
    await imported([drfKey('abcdefgh')]);
    await revoke(context, { prefix: 'drf.abcdefgh' });
    expect(await imported([drfKey('abcdefgh')])).toEqual(['present']);
    expect(await get(context, { prefix: 'drf.abcdefgh' })).toMatchObject({ status: 'revoked' });
  });

  it('rejects another key whose ID is taken', async () => {
    await imported([drfKey('abcdefgh')]);
    const other = drfKey('abcdefgh', { digest: `sha512$$${'0'.repeat(128)}` });
    const { outcomes } = await importKeys(context, { records: [other] });
    expect(outcomes).toEqual([
      { outcome: 'refused', prefix: 'drf.abcdefgh', reason: 'another key has this id already' },
    ]);
  });

  it('recognizes a key whose slow digest was replaced since', async () => {
    const slow = `pbkdf2_sha256$1000$salt$${'A'.repeat(43)}=`;
    await imported([drfKey('abcdefgh', { digest: slow })]);
    await context.keys.replaceDigest('drf.abcdefgh', slow, digestOf(`abcdefgh.${SECRET}`));
    for (const dryRun of [true, false])
      expect(await imported([drfKey('abcdefgh', { digest: slow })], dryRun)).toEqual(['present']);
    const elder = drfKey('abcdefgh', { digest: slow, createdAt: '2020-01-01T00:00:00Z' });
    expect(await imported([elder])).toEqual(['refused']);
  });

  it('imports all other records when one is invalid, and returns the reason', async () => {
    const records = [
      drfKey('aaaaaaaa'),
      drfKey('bbbbbbbb', { ownerId: 'with space' }),
      drfKey('cccccccc', { scopes: ['FETCH /'] }),
      { ...drfKey('dddddddd'), secret: 'x' },
      drfKey('eeeeeeee', { label: 'other' }),
      { ...drfKey('ffffffff'), digest: 'argon2$x' },
      { ...drfKey('gggggggg'), createdAt: 'yesterday' },
      drfKey('iiiiiiii', { plan: 'gone' }),
      drfKey('jjjjjjjj', { limits: { rate: 'fast' } }),
      drfKey('hhhhhhhh'),
    ];
    const { outcomes } = await importKeys(context, { records });
    expect(outcomes.map((one) => ('reason' in one ? one.reason : one.outcome))).toEqual([
      'imported',
      expect.stringContaining('ownerId'),
      expect.stringContaining('scopes.0'),
      expect.stringContaining('secret: unknown field'),
      expect.stringContaining('label is other'),
      expect.stringContaining('digest'),
      expect.stringContaining('createdAt'),
      expect.stringContaining('plan: not a plan'),
      expect.stringContaining('limits.rate: not a rate'),
      'imported',
    ]);
  });

  it('rejects a key that is valid only after it expires, unless it was revoked or replaced', async () => {
    const [past, early, late] = ['2026-02-01T00:00:00Z', '2098-01-01T00:00:00Z', '2099-01-01T00:00:00Z'];
    const never = { notBefore: late, expiresAt: early };
    const records = [
      drfKey('aaaaaaaa', never),
      drfKey('bbbbbbbb', { notBefore: early, expiresAt: late }),
      drfKey('cccccccc', { ...never, revokedAt: past }),
      drfKey('dddddddd', { ...never, replacedBy: 'drf.bbbbbbbb' }),
    ];
    const { outcomes } = await importKeys(context, { records });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['refused', 'imported', 'imported', 'imported']);
    expect(outcomes[0]).toMatchObject({ reason: 'notBefore: not before the expiry' });
  });

  it('rejects times in the future', async () => {
    context = { ...context, now: () => Date.parse('2026-06-01T00:00:00Z') };
    for (const field of ['createdAt', 'lastUsedAt', 'revokedAt'] as const) {
      const records = ['9999-12-31T00:00:00Z', '2026-06-01T00:05:01Z', '2026-06-01T00:05:00Z'].map((time, index) =>
        drfKey(`${field.slice(0, 7)}${String(index)}`, { [field]: time }),
      );
      const { outcomes } = await importKeys(context, { records });
      expect(outcomes.map((one) => ('reason' in one ? one.reason : one.outcome))).toEqual([
        `${field}: in the future`,
        `${field}: in the future`,
        'imported',
      ]);
    }
  });

  it.each([
    [{ replacedBy: 'drf.abcdefgh' }, 'replacedBy: the key itself'],
    [{ rotatedFrom: 'drf.abcdefgh' }, 'rotatedFrom: the key itself'],
    [{ countsAs: 'drf.abcdefgh', rotatedFrom: 'drf.aaaaaaaa' }, 'countsAs: the key itself'],
    [{ countsAs: 'drf.aaaaaaaa' }, 'countsAs: another key, although this one was not rotated from any'],
    [{ rotatedFrom: 'drf.aaaaaaaa', replacedBy: 'drf.aaaaaaaa' }, 'replacedBy: the key that this one was rotated from'],
  ])('rejects a key with %j', async (fields, reason) => {
    const { outcomes } = await importKeys(context, { records: [drfKey('abcdefgh', fields)] });
    expect(outcomes).toEqual([{ outcome: 'refused', prefix: 'drf.abcdefgh', reason }]);
  });

  it('rejects a rotated key that counts on a key outside of its rotations', async () => {
    const chain = [
      drfKey('aaaaaaaa', { ownerId: 'acme' }),
      drfKey('bbbbbbbb', { ownerId: 'acme', rotatedFrom: 'drf.aaaaaaaa', countsAs: 'drf.aaaaaaaa' }),
    ];
    const third = { ownerId: 'acme', rotatedFrom: 'drf.bbbbbbbb' };
    const right = drfKey('cccccccc', { ...third, countsAs: 'drf.aaaaaaaa' });
    const wrong = drfKey('dddddddd', { ...third, countsAs: 'drf.bbbbbbbb' });
    const removed = { rotatedFrom: 'drf.zzzzzzzz', countsAs: 'drf.aaaaaaaa' };
    const stranger = drfKey('eeeeeeee', { ...removed, ownerId: 'other' });
    const relative = drfKey('ffffffff', { ...removed, ownerId: 'acme' });
    const expected = ['imported', 'refused', 'refused', 'imported'];
    // Once in the same batch as the keys that they reference, and once after them.
    expect(await imported([...chain, right, wrong, stranger, relative], true)).toEqual([
      'imported',
      'imported',
      ...expected,
    ]);
    await imported(chain);
    expect(await imported([right, wrong, stranger, relative])).toEqual(expected);
  });

  it('stores none of several records with the same ID', async () => {
    const records = [drfKey('abcdefgh', { revokedAt: '2026-02-01T00:00:00Z' }), drfKey('abcdefgh'), drfKey('bbbbbbbb')];
    expect(await imported(records, true)).toEqual(['refused', 'refused', 'imported']);
    expect(await imported(records)).toEqual(['refused', 'refused', 'imported']);
    expect(await everything()).toHaveLength(1);
  });

  it('rejects a key that expired or was revoked so long ago that DynamoDB would never remove it', async () => {
    context = { ...context, now: () => Date.parse('2027-01-01T00:00:00Z') };
    const created = { createdAt: '2015-01-01T00:00:00Z' };
    const records = [
      drfKey('aaaaaaaa', { ...created, expiresAt: '2016-01-01T00:00:00Z' }),
      drfKey('bbbbbbbb', { ...created, revokedAt: '2016-01-01T00:00:00Z' }),
      drfKey('cccccccc', { ...created, expiresAt: '2022-01-15T00:00:00Z' }),
      drfKey('dddddddd', { ...created, expiresAt: '2022-03-01T00:00:00Z' }),
      drfKey('eeeeeeee', { ...created, expiresAt: '2016-01-01T00:00:00Z', revokedAt: '2026-01-01T00:00:00Z' }),
    ];
    for (const dryRun of [true, false]) {
      const { outcomes } = await importKeys(context, { records, dryRun });
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused', 'imported', 'imported']);
      expect(outcomes[0]).toMatchObject({
        reason: expect.stringContaining('DynamoDB would never remove it') as string,
      });
    }
  });

  it('stores each key once when the same batch is imported five times concurrently', async () => {
    const records = Array.from({ length: 30 }, (_, index) => drfKey(`key${String(index).padStart(5, '0')}`));
    // Long timeouts prevent retries on a busy machine. A retry would find its own record and report it as present.
    const patient = documentClient({
      ...localConnection(),
      requestHandler: new CompleteResponseHandler({ connect: 10_000, begin: 30_000, whole: 30_000 }),
    });
    const { tableName } = await testTable();
    const target = { ...context, keys: new DynamoKeyStore({ client: patient, tableName, retentionSeconds: 1000 }) };
    const runs = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const { outcomes } = await importKeys(target, { records });
        return outcomes.map(({ outcome }) => outcome);
      }),
    );
    for (const [index] of records.entries())
      expect(runs.filter((outcomes) => outcomes[index] === 'imported')).toHaveLength(1);
    expect(await everything(target)).toHaveLength(30);
  });

  it('rejects the whole call for too many records, or for none', async () => {
    for (const records of [[], Array.from({ length: 501 }, () => drfKey('abcdefgh')), 'x'])
      await expect(importKeys(context, { records })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe('the operation export', () => {
  it('exports the same records from a table into which an export was imported', async () => {
    for (const input of [
      { name: 'plain' },
      {
        name: 'full',
        ownerId: 'acme',
        scopes: ['GET /a', 'POST /b'],
        metadata: { a: 1, b: 'x', c: true },
        plan: 'pro',
        limits: { rate: '5/s', burst: 9, quota: '1000/day' },
        expires: '90d',
      },
      { name: 'once', idempotencyToken: 'token' },
    ])
      await create(context, input);
    const { record } = await create(context, { name: 'rotated' });
    await rotate(context, { prefix: record.prefix, overlap: '1h' });
    const { record: ended } = await create(context, { name: 'revoked' });
    await revoke(context, { prefix: ended.prefix, reason: 'left' });
    await context.keys.touch(record.prefix, Date.now(), 0);
    await imported(Array.from({ length: 12 }, (_, index) => drfKey(`key${String(index).padStart(5, '0')}`)));

    const first = await everything();
    expect(first).toHaveLength(18);
    const second = await freshContext();
    const { outcomes } = await importKeys(second, { records: first });
    expect(outcomes.every(({ outcome }) => outcome === 'imported')).toBe(true);
    expect(await everything(second)).toEqual(first);
  });

  it('includes no key, and an import restores the attributes for sorting and cleanup', async () => {
    const { key, record } = await create(context, { name: 'Checkout', ownerId: 'acme', expires: '1h' });
    const [exported] = await everything();
    expect(JSON.stringify(exported)).not.toContain(key?.slice(-49));
    const second = await freshContext();
    await importKeys(second, { records: [exported] });
    expect(await second.keys.get(record.prefix)).toEqual(await context.keys.get(record.prefix));
    expect(await verify(second, { key })).toMatchObject({ valid: true });
  });

  it('rejects an invalid cursor', async () => {
    await expect(exportKeys(context, { cursor: 'forged' })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});
