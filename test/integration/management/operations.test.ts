import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RandomBytes } from '../../../src/core/keys/base62.ts';
import { InvalidInputError, type LatchkeyError } from '../../../src/management/errors.ts';
import { create } from '../../../src/management/operations/create.ts';
import { disable, enable } from '../../../src/management/operations/disable.ts';
import { get } from '../../../src/management/operations/get.ts';
import { importKeys } from '../../../src/management/operations/import.ts';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import { list } from '../../../src/management/operations/list.ts';
import type { Operation, OperationContext } from '../../../src/management/operations/operation.ts';
import { revoke } from '../../../src/management/operations/revoke.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { update } from '../../../src/management/operations/update.ts';
import { verify } from '../../../src/management/operations/verify.ts';
import { toPortable } from '../../../src/management/portable-key.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';

const START = Date.UTC(2027, 0, 1);
const DAY = 24 * 3_600_000;
const clock = { now: START };
const PLANS = { free: { rate: '10/s', quota: '1000/day' }, pro: { rate: '100/s', burst: 200 } };
let context: OperationContext;

beforeAll(async () => {
  const keys = new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 });
  context = {
    settings: {
      label: LABEL,
      importedFormats: [],
      retentionSeconds: 1000,
      plans: PLANS,
      restrictions: ['sourceIp', 'origin'],
      ownerSuspension: true,
    },
    keys,
    now: () => clock.now,
    randomBytes,
  };
});
beforeEach(() => {
  clock.now = START;
});

const run = <Answer>(operation: Operation<Answer>, input: unknown) => operation(context, input);

async function issued(input: object = {}): Promise<{ key: string; prefix: string }> {
  const { key, record } = await run(create, { name: 'a key', ...input });
  return { key: key ?? '', prefix: record.prefix };
}

/** Returns the error of a rejected operation. All its fields are `undefined` if the operation succeeds. */
async function refusal(operation: Operation<unknown>, input: unknown) {
  const error = await run(operation, input).then(
    () => undefined,
    (reason: unknown) => reason as LatchkeyError,
  );
  return {
    code: error?.code,
    status: error?.status,
    message: error?.message,
    faults: error instanceof InvalidInputError ? error.faults : [],
  };
}
const isValid = async (key: string) => {
  const answer = await run(verify, { key });
  return answer.valid || answer.reason;
};

describe('the operation create', () => {
  it('returns a valid key once, with a record without its digest', async () => {
    const answer = await run(create, {
      name: '  Checkout ',
      ownerId: 'acme',
      scopes: ['GET /orders/*', 'GET /orders/*'],
      metadata: { plan: 'pro', seats: 5 },
      expires: '90d',
    });
    expect(answer.key).toMatch(/^lk_test_/);
    expect(answer.message).toMatch(/shown only once/);
    expect(answer.record).toEqual({
      prefix: answer.key?.split('_')[2],
      label: LABEL,
      name: 'Checkout',
      status: 'active',
      ownerId: 'acme',
      scopes: ['GET /orders/*'],
      metadata: { plan: 'pro', seats: 5 },
      plan: null,
      limits: null,
      restrictions: null,
      createdAt: '2027-01-01T00:00:00.000Z',
      notBefore: null,
      expiresAt: '2027-04-01T00:00:00.000Z',
      revokedAt: null,
      revokedReason: null,
      disabledAt: null,
      disabledReason: null,
      disabledBy: null,
      replacedBy: null,
      rotatedFrom: null,
      lastUsedAt: null,
      secretName: null,
      importedFrom: null,
      version: 1,
    });
    expect(await isValid(answer.key ?? '')).toBe(true);
    expect(await run(get, { prefix: answer.record.prefix })).toEqual(answer.record);
  });

  it.each([
    ['2027-06-01', '2027-06-01T00:00:00.000Z'],
    ['2027-06-01T12:00:00Z', '2027-06-01T12:00:00.000Z'],
    ['2027-06-01T12:00:00+02:00', '2027-06-01T10:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['30s', '2027-01-01T00:00:30.000Z'],
    ['12h', '2027-01-01T12:00:00.000Z'],
    ['2w', '2027-01-15T00:00:00.000Z'],
  ])('accepts the expiry %s', async (expires, expected) => {
    expect((await run(create, { name: 'x', expires })).record.expiresAt).toBe(expected);
  });

  it.each([
    [{}, 'name', '1 to 100'],
    [{ name: '' }, 'name', '1 to 100'],
    [{ name: '   ' }, 'name', '1 to 100'],
    [{ name: 'x'.repeat(101) }, 'name', '1 to 100'],
    [{ name: 7 }, 'name', '1 to 100'],
    [{ name: 'x', ownerId: 'with space' }, 'ownerId', 'printable ASCII'],
    [{ name: 'x', ownerId: 'é' }, 'ownerId', 'printable ASCII'],
    [{ name: 'x', scopes: 'GET /' }, 'scopes', 'METHOD /path'],
    [{ name: 'x', scopes: ['GET orders'] }, 'scopes.0', 'METHOD /path'],
    [{ name: 'x', scopes: ['GET /', 'FETCH /'] }, 'scopes.1', 'METHOD /path'],
    [{ name: 'x', scopes: ['GET /orders/{id}'] }, 'scopes.0', 'use * for a {parameter}'],
    [{ name: 'x', scopes: ['GET /orders/../admin'] }, 'scopes.0', 'METHOD /path'],
    [{ name: 'x', scopes: [`GET /${'x'.repeat(400)}`] }, 'scopes', 'METHOD /path'],
    [{ name: 'x', scopes: Array.from({ length: 50 }, (_, i) => `GET /${String(i)}`) }, 'scopes', 'METHOD /path'],
    [{ name: 'x', metadata: { nested: {} } }, 'metadata.nested', 'object of strings'],
    [{ name: 'x', metadata: { 'a b': 1 } }, 'metadata.a b', 'object of strings'],
    [{ name: 'x', metadata: { a: 'x'.repeat(1024) } }, 'metadata', '1024 bytes'],
    [
      { name: 'x', metadata: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`f${String(i)}`, 1])) },
      'metadata',
      '32 fields',
    ],
    [{ name: 'x', scopes: ['orders'] }, 'scopes.0', '"orders:write"'],
    [{ name: 'x', restrictions: {} }, 'restrictions', 'an object with any of sourceIps'],
    [{ name: 'x', restrictions: { sourceIps: [] } }, 'restrictions.sourceIps', '"10.0.0.0/8"'],
    [{ name: 'x', restrictions: { sourceIps: ['10.0.0.0/33'] } }, 'restrictions.sourceIps.0', '"10.0.0.0/8"'],
    [{ name: 'x', restrictions: { origins: ['app.example.com'] } }, 'restrictions.origins.0', 'a scheme and a host'],
    [{ name: 'x', restrictions: { stages: ['a/b'] } }, 'restrictions.stages.0', 'the name of a stage'],
    [{ name: 'x', restrictions: { countries: ['CH'] } }, 'restrictions.countries', 'any of sourceIps'],
    [
      { name: 'x', restrictions: { sourceIps: Array.from({ length: 33 }, (_, i) => `10.0.0.${String(i)}`) } },
      'restrictions.sourceIps',
      'array of 1 to 32 items',
    ],
    [
      { name: 'x', restrictions: { stages: Array.from({ length: 10 }, (_, i) => 's'.repeat(60) + String(i)) } },
      'restrictions',
      'at most 192 bytes',
    ],
    [{ name: 'x', notBefore: 'tomorrow' }, 'notBefore', '"90d"'],
    [{ name: 'x', plan: 'gold' }, 'plan', 'one of free, pro'],
    [{ name: 'x', limits: '100/s' }, 'limits', '"100/s"'],
    [{ name: 'x', limits: {} }, 'limits', '"1000000/month"'],
    [{ name: 'x', limits: { rate: '100/sec' } }, 'limits.rate', '"6000/min"'],
    [{ name: 'x', limits: { rate: '0/s' } }, 'limits.rate', '"6000/min"'],
    [{ name: 'x', limits: { rate: '10001/s' } }, 'limits.rate', 'at most 10000 a second'],
    [{ name: 'x', limits: { burst: 5 } }, 'limits.burst', 'together with a rate'],
    [{ name: 'x', limits: { rate: '1/s', burst: 0 } }, 'limits.burst', 'whole number from 1'],
    [{ name: 'x', limits: { quota: '5/year' } }, 'limits.quota', 'day, week or month'],
    [{ name: 'x', limits: { qouta: '5/day' } }, 'limits.qouta', 'any of rate'],
    [{ name: 'x', expires: '2026-12-31' }, 'expires', 'in the future'],
    [{ name: 'x', expires: '0d' }, 'expires', 'in the future'],
    [{ name: 'x', expires: '-1d' }, 'expires', '"90d"'],
    [{ name: 'x', expires: '2027-02-30' }, 'expires', 'ISO 8601'],
    [{ name: 'x', expires: '2027-06-01T12:00:00' }, 'expires', 'ISO 8601'],
    [{ name: 'x', expires: '999999999y' }, 'expires', '"90d"'],
    [{ name: 'x', expires: 1830000000 }, 'expires', '"90d"'],
    [{ name: 'x', idempotencyToken: '' }, 'idempotencyToken', '1 to 256'],
    [{ name: 'x', key: 'lk_mine' }, 'key', 'the fields name, ownerId'],
    [[], '', undefined],
    ['x', '', undefined],
    [null, '', undefined],
  ])('rejects %j, with the field "%s" and the accepted values', async (input, field, accepted) => {
    const { code, status, faults } = await refusal(create, input);
    expect({ code, status }).toEqual({ code: 'invalid_input', status: 400 });
    const fault = faults.find((one) => one.field === field);
    expect(fault, JSON.stringify(faults)).toBeDefined();
    if (accepted !== undefined) expect(fault?.accepted).toContain(accepted);
  });

  it('reports all invalid fields at once', async () => {
    const { faults } = await refusal(create, { scopes: ['x'], expires: 'soon', colour: 'red' });
    expect(faults.map(({ field }) => field).toSorted()).toEqual(['colour', 'expires', 'name', 'scopes.0']);
  });

  it.each([
    [{ name: '' }, 'name', 'empty', /^a string of 1 to \d+ characters$/],
    [{ name: 'x'.repeat(1000) }, 'name', 'too long', /^a string of/],
    [{}, 'name', 'missing', /^a string of/],
    [{ name: 'x', limits: { rate: 'x', quota: '1/day' } }, 'limits.rate', 'not a rate', /^requests per s, min or h/],
    [{ name: 'x', limits: { rate: '1/s', burst: 'x' } }, 'limits.burst', 'not a number', /^a whole number/],
    [
      { name: 'x', restrictions: { sourceIps: ['300.1.1.1'] } },
      'restrictions.sourceIps.0',
      /address/,
      /^an IPv4 or IPv6/,
    ],
    [
      { name: 'x', restrictions: { stages: [] } },
      'restrictions.stages',
      /^empty/,
      /^an array of 1 to 32 items, each the name/,
    ],
  ])('rejects %j with a message for that exact field', async (input, field, message, accepted) => {
    const { faults } = await refusal(create, input);
    expect(faults).toEqual([
      { field, message: expect.stringMatching(message) as string, accepted: expect.stringMatching(accepted) as string },
    ]);
  });

  it('draws another prefix for 19 of 20 keys that start with the same one', async () => {
    // The first draw of every call gives the same prefix, so nineteen have to draw again.
    const stuck = (): RandomBytes => {
      let first = true;
      return (length) => {
        if (!first) return randomBytes(length);
        first = false;
        return new Uint8Array(length).fill(61);
      };
    };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        create({ ...context, randomBytes: stuck() }, { name: `forced ${String(index)}` }),
      ),
    );
    expect(new Set(answers.map(({ record }) => record.prefix)).size).toBe(20);
    expect(answers.filter(({ record }) => record.prefix === 'z'.repeat(12))).toHaveLength(1);
    for (const { key } of answers) expect(await isValid(key ?? '')).toBe(true);
  });

  it('fails if the source of randomness is broken', async () => {
    const broken = { ...context, randomBytes: (length: number) => new Uint8Array(length).fill(60) };
    await create(broken, { name: 'first' });
    await expect(create(broken, { name: 'second' })).rejects.toThrow(/randomness is broken/);
  });
});

describe('an idempotency token', () => {
  it('creates one key for a retried call, and the second response says that the key was shown before', async () => {
    const input = { name: 'once', expires: '90d', idempotencyToken: 'order-4711' };
    const first = await run(create, input);
    clock.now += 60_000;
    const second = await run(create, input);
    expect(second.key).toBeNull();
    expect(second.record).toEqual(first.record);
    expect(second.message).toMatch(/earlier call with the same idempotency token.*Only its hash is stored/);
    expect(await isValid(first.key ?? '')).toBe(true);
  });

  it('creates one key for twenty concurrent calls', async () => {
    const input = { name: 'once', idempotencyToken: 'at-once' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => run(create, input)));
    expect(answers.filter(({ key }) => key !== null)).toHaveLength(1);
    expect(new Set(answers.map(({ record }) => record.prefix)).size).toBe(1);
  });

  it('an idempotency token is rejected with a different input', async () => {
    await run(create, { name: 'one thing', idempotencyToken: 'taken' });
    expect(await refusal(create, { name: 'another', idempotencyToken: 'taken' })).toMatchObject({
      code: 'idempotency_conflict',
      status: 409,
    });
  });

  it('creates another secret in another table, so that it does not reveal the secret', async () => {
    const input = { name: 'x', idempotencyToken: 'same' };
    const keys = new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 0 });
    const [here, elsewhere] = [await run(create, input), await create({ ...context, keys }, input)];
    expect(here.record.prefix).toBe(elsewhere.record.prefix);
    expect(here.key).not.toBe(elsewhere.key);
  });

  it('applies to the same rotation, and to no other', async () => {
    const { prefix } = await issued();
    const input = { prefix, overlap: '1h', idempotencyToken: 'rotation-1' };
    const first = await run(rotate, input);
    const second = await run(rotate, input);
    expect(first.key).toMatch(/^lk_test_/);
    expect(second).toMatchObject({ key: null, record: first.record });
    expect(await refusal(rotate, { ...input, idempotencyToken: 'rotation-2' })).toMatchObject({ code: 'replaced' });
    expect(await refusal(rotate, { ...input, overlap: '2h' })).toMatchObject({ code: 'idempotency_conflict' });
    expect((await run(get, { prefix })).replacedBy).toBe(first.record.prefix);
  });
});

describe('a key whose authorizer response would be larger than API Gateway accepts', () => {
  const scopes = Array.from({ length: 28 }, (_, index) => `GET /orders-${String(index)}/*`);
  const metadata = { note: 'x'.repeat(900) };

  it('an oversized key is not created, and the message says what to shorten', async () => {
    expect((await issued({ scopes })).prefix).toHaveLength(12);
    expect((await issued({ metadata })).prefix).toHaveLength(12);
    const { code, status, message } = await refusal(create, { name: 'a key', scopes, metadata });
    expect({ code, status }).toEqual({ code: 'invalid_input', status: 400 });
    expect(message).toMatch(/has \d{4} bytes, and API Gateway accepts 8192; use fewer or wider scopes/);
  });

  it('an oversized key is created if the authorizer does not pass its metadata on', async () => {
    const settings = { ...context.settings, contextMetadata: [] };
    const { record } = await create({ ...context, settings }, { name: 'a key', scopes, metadata });
    expect(record.scopes).toEqual(scopes);
  });

  it('an oversized key does not result from an update', async () => {
    const { prefix } = await issued({ scopes });
    expect(await refusal(update, { prefix, metadata })).toMatchObject({ code: 'invalid_input' });
    expect(await run(get, { prefix })).toMatchObject({ metadata: {}, version: 1 });
  });

  it('an oversized key does not result from a rotation with other metadata', async () => {
    const { prefix } = await issued({ scopes });
    const { code, message } = await refusal(rotate, { prefix, metadata });
    expect(code).toBe('invalid_input');
    expect(message).toMatch(/API Gateway accepts 8192/);
    expect(await run(get, { prefix })).toMatchObject({ replacedBy: null, version: 1 });
    expect((await run(rotate, { prefix, metadata: { note: 'short' } })).record.metadata).toEqual({ note: 'short' });
  });

  describe('an oversized key that an earlier release accepted', () => {
    const oversized = () => aRecord({ scopes, metadata });

    it('an oversized key that an earlier release accepted is imported unchanged, with a warning that says what to shorten', async () => {
      const record = toPortable(oversized());
      for (const dryRun of [true, false])
        expect((await importKeys(context, { records: [record], dryRun })).outcomes).toEqual([
          {
            outcome: 'imported',
            prefix: record.prefix,
            warning: expect.stringMatching(/^scopes: .* has \d{4} bytes, and API Gateway accepts 8192; /) as string,
          },
        ]);
      expect(await run(get, { prefix: record.prefix })).toMatchObject({ scopes, metadata });
    });

    it('an oversized key that an earlier release accepted is imported without a warning if the authorizer does not pass its metadata on', async () => {
      const settings = { ...context.settings, contextMetadata: [] };
      const { outcomes } = await importKeys({ ...context, settings }, { records: [toPortable(oversized())] });
      expect(outcomes).toEqual([{ outcome: 'imported', prefix: expect.any(String) as string }]);
    });

    it.each([
      ['no metadata is given', {}],
      ['the same metadata is given', { metadata }],
      ['the new metadata makes the result small enough', { metadata: {} }],
    ])('an oversized key that an earlier release accepted can be rotated when %s', async (_when, input) => {
      const old = oversized();
      await context.keys.create(old);
      const { record } = await run(rotate, { prefix: old.prefix, ...input });
      expect(record).toMatchObject({ scopes, metadata: 'metadata' in input ? input.metadata : metadata });
    });
  });
});

describe('the operation update', () => {
  it('changes the given fields, but never the secret', async () => {
    const { key, prefix } = await issued({ expires: '1d' });
    const answer = await run(update, {
      prefix,
      name: 'Renamed',
      scopes: ['GET /a'],
      metadata: { a: 1 },
      expires: null,
    });
    expect(answer).toMatchObject({
      name: 'Renamed',
      scopes: ['GET /a'],
      metadata: { a: 1 },
      expiresAt: null,
      version: 2,
    });
    clock.now += 2 * DAY;
    expect(await isValid(key)).toBe(true);
  });

  it('changes the plan and the limits, and removes them with null', async () => {
    const limits = { rate: '5/s', burst: 7, quota: '100/week' };
    const { prefix } = await issued({ plan: 'free', limits });
    expect(await run(get, { prefix })).toMatchObject({ plan: 'free', limits });
    expect(await run(update, { prefix, plan: 'pro' })).toMatchObject({ plan: 'pro', limits });
    expect(await run(update, { prefix, limits: { rate: '6/s' } })).toMatchObject({ limits: { rate: '6/s' } });
    expect(await run(update, { prefix, plan: null, limits: null })).toMatchObject({ plan: null, limits: null });
    expect((await refusal(update, { prefix, plan: 'gold' })).faults[0]?.accepted).toBe('one of free, pro');
  });

  it('merges metadata, and removes a field that is null', async () => {
    const { prefix } = await issued({ metadata: { a: 1, b: 'x', c: true } });
    expect(await run(update, { prefix, metadata: { b: 'y', c: null, d: 2 } })).toMatchObject({
      metadata: { a: 1, b: 'y', d: 2 },
    });
    expect((await run(get, { prefix })).metadata).toEqual({ a: 1, b: 'y', d: 2 });
  });

  it('replaces metadata with replaceMetadata, and removes all of it with null', async () => {
    const { prefix } = await issued({ metadata: { a: 1, b: 'x' } });
    const replaced = await run(update, { prefix, metadata: { b: 'y', c: null }, replaceMetadata: true });
    expect(replaced.metadata).toEqual({ b: 'y' });
    expect((await run(update, { prefix, metadata: null })).metadata).toEqual({});
    expect((await refusal(update, { prefix, replaceMetadata: true })).faults[0]?.message).toMatch(/nothing to change/);
    expect(await refusal(update, { prefix, name: 'x', replaceMetadata: true })).toMatchObject({
      faults: [{ field: 'replaceMetadata', message: 'requires metadata' }],
    });
  });

  it('checks the limits of metadata after the merge', async () => {
    const { prefix } = await issued({ metadata: { a: 'x'.repeat(600) } });
    expect((await refusal(update, { prefix, metadata: { b: 'y'.repeat(600) } })).faults).toMatchObject([
      { field: 'metadata', message: 'over 1024 bytes as JSON' },
    ]);
    const fits = await run(update, { prefix, metadata: { a: null, b: 'y'.repeat(600) } });
    expect(fits.metadata).toEqual({ b: 'y'.repeat(600) });
  });

  it('keeps the fields of all concurrent updates that merge metadata', async () => {
    const { prefix } = await issued({ metadata: { start: 0 } });
    const names = ['a', 'b', 'c', 'd'];
    await Promise.all(names.map((name) => run(update, { prefix, metadata: { [name]: 1 } })));
    expect((await run(get, { prefix })).metadata).toEqual({ start: 0, a: 1, b: 1, c: 1, d: 1 });
  });

  it('does not merge metadata if the version differs from the given one', async () => {
    const { prefix } = await issued({ metadata: { a: 1 } });
    await run(update, { prefix, metadata: { a: 2 } });
    expect(await refusal(update, { prefix, metadata: { b: 1 }, version: 1 })).toMatchObject({
      code: 'version_conflict',
    });
    expect((await run(get, { prefix })).metadata).toEqual({ a: 2 });
  });

  it('rejects an update without changes, of an unknown or revoked key, or of an earlier version', async () => {
    const { prefix } = await issued();
    expect((await refusal(update, { prefix })).faults[0]?.message).toMatch(/nothing to change/);
    expect(await refusal(update, { prefix, digest: 'x' })).toMatchObject({ code: 'invalid_input' });
    expect(await refusal(update, { prefix: '000000000000', name: 'x' })).toMatchObject({
      code: 'not_found',
      status: 404,
    });
    await run(update, { prefix, name: 'second', version: 1 });
    expect(await refusal(update, { prefix, name: 'third', version: 1 })).toMatchObject({
      code: 'version_conflict',
      status: 409,
    });
    await run(revoke, { prefix });
    expect(await refusal(update, { prefix, expires: '1d' })).toMatchObject({ code: 'revoked', status: 409 });
    expect((await run(get, { prefix })).name).toBe('second');
  });
});

describe('the operation rotate', () => {
  it('returns a new key with the same fields, and the old key expires at the end of the overlap', async () => {
    const old = await issued({ name: 'Checkout', ownerId: 'acme', scopes: ['GET /orders'], metadata: { a: 1 } });
    const { key, record } = await run(rotate, { prefix: old.prefix, overlap: '24h' });
    expect(record).toMatchObject({
      name: 'Checkout',
      ownerId: 'acme',
      scopes: ['GET /orders'],
      metadata: { a: 1 },
      rotatedFrom: old.prefix,
    });
    expect(await run(get, { prefix: old.prefix })).toMatchObject({
      replacedBy: record.prefix,
      expiresAt: '2027-01-02T00:00:00.000Z',
    });
    expect([await isValid(old.key), await isValid(key ?? '')]).toEqual([true, true]);
    clock.now = START + DAY - 1;
    expect(await isValid(old.key)).toBe(true);
    clock.now = START + DAY;
    expect([await isValid(old.key), await isValid(key ?? '')]).toEqual(['expired', true]);
  });

  it('copies the plan and the limits, and counts on the counters of the first key', async () => {
    const first = await issued({ plan: 'free', limits: { rate: '5/s' } });
    const second = (await run(rotate, { prefix: first.prefix })).record;
    const third = (await run(rotate, { prefix: second.prefix })).record;
    expect(third).toMatchObject({ plan: 'free', limits: { rate: '5/s' } });
    expect((await context.keys.get(third.prefix))?.countsAs).toBe(first.prefix);
  });

  it('expires the old key immediately without an overlap', async () => {
    const old = await issued();
    await run(rotate, { prefix: old.prefix });
    expect(await isValid(old.key)).toBe('expired');
  });

  it('extends neither the expiry of the old key by the overlap, nor the expiry of the new key', async () => {
    const old = await issued({ expires: '1h' });
    const { record } = await run(rotate, { prefix: old.prefix, overlap: '24h' });
    expect((await run(get, { prefix: old.prefix })).expiresAt).toBe('2027-01-01T01:00:00.000Z');
    expect(record.expiresAt).toBe('2027-01-01T01:00:00.000Z');
    expect((await run(rotate, { prefix: record.prefix, expires: '90d' })).record.expiresAt).toBe(
      '2027-04-01T00:00:00.000Z',
    );
  });

  it('creates one key for two concurrent calls, and the other call fails with its prefix', async () => {
    const old = await issued();
    const outcomes = await Promise.allSettled([1, 2].map(() => run(rotate, { prefix: old.prefix, overlap: '1h' })));
    const winner = outcomes.find(
      (outcome): outcome is PromiseFulfilledResult<IssuedKey> => outcome.status === 'fulfilled',
    );
    const loser = outcomes.find((outcome): outcome is PromiseRejectedResult => outcome.status === 'rejected');
    expect(loser?.reason).toMatchObject({ code: 'replaced' });
    expect((loser?.reason as Error).message).toContain(winner?.value.record.prefix);
  });

  it('rejects a key that a secret manages, unless it is forced, and the new key is not in the secret', async () => {
    const { prefix } = await issued();
    const record = await context.keys.get(prefix);
    if (record === undefined) throw new Error('the key was not stored');
    const managed = { ...record, prefix: 'inthesecret1', secretName: 'checkout/latchkey' };
    await context.keys.create(managed);
    const input = { prefix: managed.prefix };
    expect(await refusal(rotate, input)).toMatchObject({
      code: 'managed',
      status: 409,
      message: expect.stringContaining('managed by the secret "checkout/latchkey"') as string,
    });
    expect(await run(get, input)).toMatchObject({ secretName: 'checkout/latchkey', replacedBy: null });
    const { record: successor } = await run(rotate, { ...input, force: true });
    expect(successor).toMatchObject({ rotatedFrom: managed.prefix, secretName: null });
  });

  it('rejects a key that is revoked, expired or already rotated', async () => {
    const [revoked, expired, rotated] = [await issued(), await issued({ expires: '1s' }), await issued()];
    await run(revoke, { prefix: revoked.prefix });
    await run(rotate, { prefix: rotated.prefix, overlap: '30d' });
    clock.now += DAY;
    expect(await refusal(rotate, { prefix: revoked.prefix })).toMatchObject({ code: 'revoked', status: 409 });
    expect(await refusal(rotate, { prefix: expired.prefix })).toMatchObject({ code: 'expired', status: 409 });
    expect(await refusal(rotate, { prefix: rotated.prefix })).toMatchObject({ code: 'replaced', status: 409 });
    expect(await refusal(update, { prefix: rotated.prefix, expires: '90d' })).toMatchObject({
      code: 'replaced',
      status: 409,
    });
    expect(await refusal(rotate, { prefix: rotated.prefix, overlap: 'a while' })).toMatchObject({
      code: 'invalid_input',
    });
  });
});

describe('the operations disable and enable', () => {
  it('rejects a disabled key until it is enabled', async () => {
    const { prefix, key } = await issued();
    expect(await run(disable, { prefix, reason: 'unpaid', by: 'support' })).toMatchObject({
      status: 'disabled',
      disabledAt: new Date(START).toISOString(),
      disabledReason: 'unpaid',
      disabledBy: 'support',
      version: 2,
    });
    expect(await isValid(key)).toBe('disabled');
    expect(await run(enable, { prefix })).toMatchObject({
      status: 'active',
      disabledAt: null,
      disabledReason: null,
      disabledBy: null,
      version: 3,
    });
    expect(await isValid(key)).toBe(true);
  });

  it('keeps the first time, reason and principal when a key is disabled again', async () => {
    const { prefix } = await issued();
    const first = await run(disable, { prefix, reason: 'unpaid', by: 'support' });
    clock.now += 1000;
    expect(await run(disable, { prefix, reason: 'abuse' })).toEqual(first);
  });

  it('changes nothing when an enabled key is enabled', async () => {
    const { prefix } = await issued();
    expect(await run(enable, { prefix })).toMatchObject({ status: 'active', version: 1 });
  });

  it('changes a disabled key but does not rotate it', async () => {
    const { prefix } = await issued();
    await run(disable, { prefix });
    expect(await run(update, { prefix, name: 'renamed' })).toMatchObject({ name: 'renamed', status: 'disabled' });
    expect(await refusal(rotate, { prefix })).toMatchObject({ code: 'disabled', status: 409 });
  });

  it('revokes a disabled key permanently, and clears its disabled fields', async () => {
    const { prefix } = await issued();
    await run(disable, { prefix, reason: 'unpaid' });
    expect(await run(revoke, { prefix, reason: 'leaked' })).toMatchObject({
      status: 'revoked',
      disabledAt: null,
      disabledReason: null,
    });
    for (const operation of [disable, enable])
      expect(await refusal(operation, { prefix })).toMatchObject({ code: 'revoked', status: 409 });
  });

  it('rejects an unknown key', async () => {
    for (const operation of [disable, enable])
      expect(await refusal(operation, { prefix: '000000000000' })).toMatchObject({ code: 'not_found' });
  });

  it('records the principal of an HTTP request, and rejects a claimed name', async () => {
    const { prefix } = await issued();
    const caller = 'arn:aws:iam::123456789012:user/jo';
    await expect(disable({ ...context, caller }, { prefix, by: 'ann' })).rejects.toMatchObject({
      faults: [{ field: 'by' }],
    });
    expect(await disable({ ...context, caller }, { prefix })).toMatchObject({ disabledBy: caller });
  });

  it('lists active and disabled keys separately', async () => {
    const ownerId = `owner-${String(Math.random())}`;
    const [active, disabled] = [await issued({ ownerId }), await issued({ ownerId })];
    await run(disable, { prefix: disabled.prefix });
    const prefixes = async (status: string) =>
      (await run(list, { ownerId, status })).records.map(({ prefix }) => prefix);
    expect(await prefixes('active')).toEqual([active.prefix]);
    expect(await prefixes('disabled')).toEqual([disabled.prefix]);
  });
});

describe('the operation revoke', () => {
  it('revokes a key permanently, and a second call changes nothing', async () => {
    const { key, prefix } = await issued();
    const first = await run(revoke, { prefix, reason: 'leaked' });
    expect(first).toMatchObject({ status: 'revoked', revokedAt: '2027-01-01T00:00:00.000Z', revokedReason: 'leaked' });
    clock.now += DAY;
    expect(await run(revoke, { prefix, reason: 'again' })).toEqual(first);
    expect(await isValid(key)).toBe('revoked');
    expect(await refusal(revoke, { prefix: '000000000000' })).toMatchObject({ code: 'not_found' });
  });
});

describe('the operation verify', () => {
  it('returns the reason for an invalid key', async () => {
    const { key, prefix } = await issued({ scopes: ['GET /orders/*'], expires: '1h' });
    expect(await run(verify, { key })).toMatchObject({ valid: true, record: { prefix } });
    expect(await run(verify, { key, route: 'GET /orders/1' })).toMatchObject({ valid: true });
    expect(await run(verify, { key, route: 'GET /admin' })).toEqual({ valid: false, reason: 'scope' });
    expect(await run(verify, { key: `${key}x` })).toEqual({ valid: false, reason: 'malformed' });
    clock.now += DAY;
    expect(await run(verify, { key })).toEqual({ valid: false, reason: 'expired' });
  });

  it('never returns the key, even in an error', async () => {
    const { key } = await issued();
    expect(JSON.stringify(await run(verify, { key }))).not.toContain(key.slice(-49));
    expect(JSON.stringify(await refusal(verify, { key, extra: 1 }))).not.toContain(key.slice(-49));
    expect(
      JSON.stringify(await refusal(create, { name: 'x', expires: key, ownerId: `${key} `, scopes: [key] })),
    ).not.toContain(key.slice(-49));
  });
});

describe('the operation list', () => {
  it('returns pages with the newest keys first, and accepts numbers as strings from the query', async () => {
    const ownerId = 'lister';
    for (const name of ['one', 'two', 'three']) {
      clock.now += 1;
      await issued({ name, ownerId });
    }
    const first = await run(list, { ownerId, limit: '2' });
    expect(first.records.map(({ name }) => name)).toEqual(['three', 'two']);
    const second = await run(list, { ownerId, limit: '2', cursor: first.cursor });
    expect(second).toMatchObject({ records: [{ name: 'one' }], cursor: null });
  });

  it.each([
    { limit: 0 },
    { limit: 101 },
    { limit: 'many' },
    { status: 'gone' },
    { cursor: 'forged' },
    { owner: 'acme' },
  ])('rejects %j', async (input) => {
    expect(await refusal(list, input)).toMatchObject({
      code: 'invalid_input',
      faults: [{ field: Object.keys(input)[0] }],
    });
  });
});

it('operations do not find a key of another kind in a shared table', async () => {
  const { prefix } = await issued();
  const partner = { ...context, settings: { ...context.settings, label: 'partner' } };
  for (const [operation, extra] of [
    [get, {}],
    [update, { name: 'x' }],
    [rotate, {}],
    [revoke, {}],
  ] as const) {
    await expect(operation(partner, { prefix, ...extra })).rejects.toMatchObject({ code: 'not_found' });
  }
  expect(await run(get, { prefix })).toMatchObject({ status: 'active', version: 1 });
});

describe('restrictions of a key', () => {
  const restrictions = { sourceIps: ['192.0.2.0/24'], origins: ['https://*.example.com'], stages: ['prod'] };

  it('restrictions of a key are stored, returned, updated, removed, and copied by a rotation', async () => {
    const { prefix } = await issued({ restrictions, notBefore: '2027-02-01', expires: '90d' });
    const kept = { restrictions, notBefore: '2027-02-01T00:00:00.000Z' };
    expect(await run(get, { prefix })).toMatchObject(kept);
    const { record } = await run(rotate, { prefix });
    expect(record).toMatchObject(kept);
    const changed = { restrictions: { stages: ['test'] } };
    expect(await run(update, { prefix: record.prefix, ...changed })).toMatchObject(changed);
    expect(await run(update, { prefix: record.prefix, restrictions: null, notBefore: null })).toMatchObject({
      restrictions: null,
      notBefore: null,
    });
  });

  it('restrictions of a key are verified for the given source IP address, stage and origin', async () => {
    const { key } = await issued({ restrictions });
    const reason = async (asked: object) => {
      const answer = await run(verify, { key, ...asked });
      return answer.valid || answer.reason;
    };
    expect(await reason({})).toBe(true);
    expect(await reason({ sourceIp: '192.0.2.9', stage: 'prod', origin: 'https://a.example.com' })).toBe(true);
    expect(await reason({ sourceIp: '198.51.100.1' })).toBe('source_ip');
    expect(await reason({ stage: 'test' })).toBe('stage');
    expect(await reason({ origin: 'https://example.com' })).toBe('origin');
  });

  it('restrictions of a key are rejected if the deployment does not enforce them, and so is a key that already has them', async () => {
    const unenforcing = { ...context, settings: { ...context.settings, restrictions: [] } };
    const input = { name: 'x', restrictions: { sourceIps: ['192.0.2.0/24'] } };
    await expect(create(unenforcing, input)).rejects.toThrow(
      /sourceIps: this deployment does not enforce it.*Add 'sourceIp' to restrictions/,
    );
    const { prefix } = await issued();
    await expect(update(unenforcing, { ...input, name: undefined, prefix })).rejects.toThrow(/does not enforce/);
    expect((await create(unenforcing, { name: 'x', restrictions: { stages: ['prod'] } })).key).not.toBeNull();
    const { key } = await issued({ restrictions });
    expect(await verify(unenforcing, { key })).toEqual({ valid: false, reason: 'unenforced' });
  });

  it('makes a key valid from its start time, which must be before its expiry', async () => {
    const { key } = await issued({ notBefore: '1h', expires: '2h' });
    expect(await isValid(key)).toBe('not_yet_valid');
    clock.now += 3_600_000;
    expect(await isValid(key)).toBe(true);
    expect((await refusal(create, { name: 'x', notBefore: '2h', expires: '1h' })).faults).toMatchObject([
      { field: 'notBefore', message: 'not before the expiry' },
    ]);
  });

  it('rejects a start time after the expiry, and an expiry before the start time', async () => {
    const { prefix } = await issued({ notBefore: '10d', expires: '20d' });
    const late = { code: 'invalid_input', faults: [{ field: 'notBefore', message: 'not before the expiry' }] };
    const early = { code: 'invalid_input', faults: [{ field: 'expires', message: 'not after notBefore' }] };
    expect(await refusal(update, { prefix, notBefore: '20d' })).toMatchObject(late);
    expect(await refusal(update, { prefix, expires: '10d' })).toMatchObject(early);
    expect(await refusal(rotate, { prefix, expires: '10d' })).toMatchObject(early);
    expect(await run(get, { prefix })).toMatchObject({ version: 1, status: 'active' });

    expect(await run(update, { prefix, notBefore: '19d' })).toMatchObject({ version: 2 });
    expect(await run(update, { prefix, expires: '21d' })).toMatchObject({ version: 3 });
    expect(await run(update, { prefix, notBefore: '30d', expires: '40d' })).toMatchObject({ version: 4 });
    expect(await run(update, { prefix, expires: null })).toMatchObject({ version: 5 });
    expect(await run(update, { prefix, notBefore: '50d' })).toMatchObject({ version: 6 });
    expect(await run(update, { prefix, notBefore: null })).toMatchObject({ version: 7 });
    expect(await run(update, { prefix, expires: '1d' })).toMatchObject({ version: 8 });
    const { record } = await run(rotate, { prefix, expires: '2d' });
    expect(record).toMatchObject({ notBefore: null, expiresAt: new Date(START + 2 * DAY).toISOString() });
  });

  it('rejects one of two concurrent updates that together would make a key never valid', async () => {
    for (let round = 0; round < 10; round++) {
      const { prefix } = await issued({ notBefore: '10d', expires: '20d' });
      const moved = [run(update, { prefix, notBefore: '18d' }), run(update, { prefix, expires: '12d' })];
      expect((await Promise.allSettled(moved)).map(({ status }) => status).toSorted()).toEqual([
        'fulfilled',
        'rejected',
      ]);
      const { notBefore, expiresAt } = await run(get, { prefix });
      expect(Date.parse(notBefore ?? '')).toBeLessThan(Date.parse(expiresAt ?? ''));
    }
  });

  it('reports a version conflict, a rotation or a revocation before an invalid start time or expiry', async () => {
    const { prefix } = await issued({ notBefore: '10d', expires: '20d' });
    expect((await refusal(update, { prefix, notBefore: '30d', version: 7 })).code).toBe('version_conflict');
    await run(rotate, { prefix });
    expect((await refusal(update, { prefix, expires: '5d' })).code).toBe('replaced');
    await run(revoke, { prefix });
    expect((await refusal(update, { prefix, notBefore: '30d' })).code).toBe('revoked');
  });
});

it.each<{ scopes: string[] }>([{ scopes: [] }, { scopes: ['orders:write'] }])(
  'a key with the scopes $scopes can call the routes that unscopedKeys allows',
  async ({ scopes }) => {
    const { key } = await issued({ scopes });
    const asked = (unscopedKeys?: 'nothing' | 'whole-stage') =>
      verify({ ...context, settings: { ...context.settings, unscopedKeys } }, { key, route: 'GET /orders' });
    expect(await asked()).toMatchObject({ valid: true });
    expect(await asked('whole-stage')).toMatchObject({ valid: true });
    expect(await asked('nothing')).toEqual({ valid: false, reason: 'scope' });
  },
);

it('a named scope does not restrict the routes of a key', async () => {
  const { key } = await issued({ scopes: ['orders:write'] });
  expect(await run(verify, { key, route: 'GET /orders' })).toMatchObject({
    valid: true,
    record: { scopes: ['orders:write'] },
  });
});
