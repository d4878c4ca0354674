import { randomBytes } from 'node:crypto';
import { APIGatewayClient, type APIGatewayClientConfig } from '@aws-sdk/client-api-gateway';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { usageIdentifier } from '../../../src/core/limits/usage-identifier.ts';
import { create } from '../../../src/management/operations/create.ts';
import { exportKeys } from '../../../src/management/operations/export.ts';
import { importKeys } from '../../../src/management/operations/import.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import { revoke } from '../../../src/management/operations/revoke.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { update } from '../../../src/management/operations/update.ts';
import { retryStrategy } from '../../../src/usage-plans/retry-strategy.ts';
import { createUsagePlanSync } from '../../../src/usage-plans/sync-usage-plan.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { handleChanges } from '../../../src/events/changes.ts';
import { captureLoggedErrors } from '../../support/events/logged-errors.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { localConnection, testTable } from '../../support/storage/test-table.ts';
import { streamReader } from '../../support/events/stream-reader.ts';
import { FakeApiGateway } from '../../support/usage-plans/fake-api-gateway.ts';

let context: OperationContext;
let gateway: FakeApiGateway;
let changes: () => Promise<DynamoDBRecord[]>;
let sync: ReturnType<typeof createUsagePlanSync>;
/** As deployed, but without pauses between retries. */
let patientSync: typeof sync;
let logged: ReturnType<typeof captureLoggedErrors>;
const clock = { now: Date.UTC(2027, 0, 1) };

beforeEach(async () => {
  logged = captureLoggedErrors();
  const { client, tableName } = await testTable();
  const keys = new DynamoKeyStore({ client, tableName, retentionSeconds: 1000 });
  const plans = { free: { rate: '1/s' }, pro: { rate: '9/s' } };
  context = {
    settings: {
      label: LABEL,
      importedFormats: [],
      retentionSeconds: 1000,
      plans,
      restrictions: [],
      ownerSuspension: false,
    },
    keys,
    now: () => clock.now,
    randomBytes,
  };
  gateway = new FakeApiGateway(['plan-free', 'plan-pro']);
  changes = await streamReader(tableName);
  const endpoint = await gateway.start();
  const usagePlanIds = { free: 'plan-free', pro: 'plan-pro' };
  const syncBy = (options: Pick<APIGatewayClientConfig, 'maxAttempts' | 'retryStrategy'>) => {
    const apiGateway = new APIGatewayClient({ ...localConnection(), endpoint, ...options });
    return createUsagePlanSync({ apiGateway, keys, label: LABEL, usagePlanIds, now: () => clock.now });
  };
  sync = syncBy({ maxAttempts: 1 });
  patientSync = syncBy({ retryStrategy: retryStrategy(1) });
});
afterEach(() => gateway.stop());

/** Delivers records as Lambda does: the first failed record and all later ones are delivered again. */
async function deliver(records: DynamoDBRecord[]): Promise<number> {
  let deliveries = 0;
  let rest = records;
  while (rest.length > 0) {
    deliveries++;
    const { batchItemFailures } = await handleChanges({ Records: rest }, sync);
    const failed = batchItemFailures[0]?.itemIdentifier;
    rest =
      failed === undefined ? [] : rest.slice(rest.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed));
    if (deliveries > 20) throw new Error('never gets through');
  }
  return deliveries;
}
const issued = async (plan?: string) => (await create(context, { name: 'x', plan })).record.prefix;
const identifier = (prefix: string) => `latchkey:${LABEL}:${prefix}`;

it('creates an API Gateway key on the usage plan for a key with a plan, and none for other keys', async () => {
  const free = await issued('free');
  await issued();
  await deliver(await changes());
  expect(gateway.state()).toEqual({ [identifier(free)]: ['plan-free'] });
});

it('moves the API Gateway key when the plan changes, and deletes it with the plan or the key', async () => {
  const prefix = await issued('free');
  await update(context, { prefix, plan: 'pro' });
  await deliver(await changes());
  expect(gateway.state()).toEqual({ [identifier(prefix)]: ['plan-pro'] });
  await update(context, { prefix, plan: null });
  await deliver(await changes());
  expect(gateway.state()).toEqual({});
  const other = await issued('free');
  await deliver(await changes());
  await revoke(context, { prefix: other });
  await deliver(await changes());
  expect(gateway.state()).toEqual({});
});

it('keeps the API Gateway key through rotations until the last key is revoked', async () => {
  const first = await issued('free');
  const { record } = await rotate(context, { prefix: first, overlap: '1h' });
  await deliver(await changes());
  expect(gateway.state()).toEqual({ [identifier(first)]: ['plan-free'] });
  await revoke(context, { prefix: first });
  await deliver(await changes());
  expect(gateway.state()).toEqual({ [identifier(first)]: ['plan-free'] });
  await revoke(context, { prefix: record.prefix });
  await deliver(await changes());
  expect(gateway.state()).toEqual({});
});

it('logs a change that cannot be read, and handles the later ones', async () => {
  const [damaged, next] = [await issued('free'), await issued('free')];
  const [first, ...rest] = await changes();
  // An image with a value of an unknown type.
  const broken = { ...first, dynamodb: { ...first?.dynamodb, NewImage: { label: { X: 'none' } } } };
  expect(await deliver([broken as unknown as DynamoDBRecord, ...rest])).toBe(1);
  expect(gateway.state()).toEqual({ [identifier(next)]: ['plan-free'] });
  expect(logged()[0]).toMatchObject({ level: 'ERROR', service: 'latchkey', keyId: damaged });
});

it('creates an API Gateway key with the alphanumeric value that the authorizer returns', async () => {
  const first = await issued('free');
  const { record } = await rotate(context, { prefix: first, overlap: '1h' });
  await deliver(await changes());
  const [key] = gateway.keys.values();
  for (const prefix of [first, record.prefix]) {
    const stored = await context.keys.get(prefix);
    expect(stored && usageIdentifier(stored)).toBe(key?.value);
  }
  expect(key?.value).toMatch(/^[0-9A-Za-z]{20,128}$/);
});

describe('a key that an earlier release synced', () => {
  const prefix = 'oldoldoldold';

  beforeEach(async () => {
    await context.keys.create(aRecord({ prefix, plan: 'free', usageId: undefined }));
    gateway.addKey({ id: 'made-before', name: identifier(prefix), value: identifier(prefix) }, 'plan-free');
    await deliver(await changes());
  });

  it('keeps its API Gateway key through changes of the plan and rotations', async () => {
    await update(context, { prefix, plan: 'pro' });
    const second = await rotate(context, { prefix, overlap: '1h' });
    const third = await rotate(context, { prefix: second.record.prefix, overlap: '1h' });
    await deliver(await changes());
    expect([...gateway.keys.keys()]).toEqual(['made-before']);
    expect(gateway.state()).toEqual({ [identifier(prefix)]: ['plan-pro'] });
    for (const one of [prefix, second.record.prefix, third.record.prefix]) {
      const stored = await context.keys.get(one);
      expect(stored && usageIdentifier(stored)).toBe(identifier(prefix));
    }
    await revoke(context, { prefix: third.record.prefix });
    await deliver(await changes());
    expect(gateway.state()).toEqual({});
  });

  it('a key that an earlier release synced gets an API Gateway key with a new value when it is imported, in addition to the one with the old value', async () => {
    const { records } = await exportKeys(context, {});
    await context.keys.revoke(prefix, undefined, clock.now);
    const exported = records.find((one) => one.prefix === prefix);
    expect(exported).not.toHaveProperty('usageId');
    const copy = { ...exported, prefix: 'copycopycopy' };
    gateway.addKey({ id: 'other', name: identifier('copycopycopy'), value: identifier('copycopycopy') }, 'plan-pro');
    expect(await importKeys(context, { records: [copy] })).toMatchObject({ outcomes: [{ outcome: 'imported' }] });
    await deliver(await changes());
    const stored = await context.keys.get('copycopycopy');
    const values = [...gateway.keys.values()].map(({ value }) => value);
    expect(values.toSorted()).toEqual([stored && usageIdentifier(stored), identifier('copycopycopy')].toSorted());
  });
});

it('finds an API Gateway key on a later page of the results', async () => {
  const prefix = await issued('free');
  gateway.largestPage = 1;
  gateway.addKey({ id: 'longer', name: `${identifier(prefix)}x`, value: 'anothervalue'.repeat(2) }, 'plan-free');
  await deliver(await changes());
  await revoke(context, { prefix });
  await deliver(await changes());
  expect([...gateway.keys.keys()]).toEqual(['longer']);
});

it('makes no API Gateway calls when only the last use changes', async () => {
  const prefix = await issued('free');
  await deliver(await changes());
  const { calls } = gateway;
  await context.keys.touch(prefix, clock.now, 1000);
  await deliver(await changes());
  expect(gateway.calls).toBe(calls);
});

it('ignores changes that are delivered twice or late', async () => {
  const prefix = await issued('free');
  const early = await changes();
  await update(context, { prefix, plan: 'pro' });
  const late = await changes();
  await deliver(late);
  await deliver([...early, ...late, ...early]);
  expect(gateway.state()).toEqual({ [identifier(prefix)]: ['plan-pro'] });
});

it('handles all other changes when API Gateway rejects a key, including those that free capacity for it', async () => {
  const ends = await issued('free');
  await deliver(await changes());
  gateway.capacity = 1;
  const refused = await issued('free');
  await revoke(context, { prefix: ends });
  const Records = await changes();
  const { calls } = gateway;
  expect(await handleChanges({ Records }, patientSync)).toEqual({
    batchItemFailures: [{ itemIdentifier: Records[0]?.dynamodb?.SequenceNumber }],
  });
  // One rejection without retries: find the key, create it; find the other key, delete it.
  expect(gateway.calls - calls).toBe(4);
  expect(gateway.state()).toEqual({});
  expect(logged()[0]).toMatchObject({ keyId: refused, error: expect.stringContaining('LimitExceeded') as string });
  expect(await handleChanges({ Records }, patientSync)).toEqual({ batchItemFailures: [] });
  expect(gateway.state()).toEqual({ [identifier(refused)]: ['plan-free'] });
});

it('reports the first of several changes that failed', async () => {
  gateway.capacity = 1;
  for (let made = 0; made < 4; made++) await issued('free');
  const Records = await changes();
  expect(await handleChanges({ Records }, sync)).toEqual({
    batchItemFailures: [{ itemIdentifier: Records[1]?.dynamodb?.SequenceNumber }],
  });
});

it('retries throttled calls for as long as the throttling lasts', async () => {
  const prefixes = [];
  for (let made = 0; made < 40; made++) prefixes.push(await issued('free'));
  const Records = await changes();
  // Four of five calls are throttled during the whole batch.
  const throttled = vi.spyOn(gateway, 'busyFor', 'get');
  throttled.mockImplementation(() => (gateway.calls % 5 === 0 ? 0 : 1));
  expect(await handleChanges({ Records }, patientSync)).toEqual({ batchItemFailures: [] });
  throttled.mockRestore();
  expect(Object.keys(gateway.state()).toSorted()).toEqual(prefixes.map(identifier).toSorted());
});

it('gives up after ten attempts of a throttled call', async () => {
  await issued('free');
  const Records = await changes();
  gateway.busyFor = Infinity;
  expect((await handleChanges({ Records }, patientSync)).batchItemFailures).toHaveLength(1);
  expect(gateway.calls).toBe(10);
  expect(logged()[0]?.['error']).toContain('TooManyRequestsException');
});

it.each(['before', 'after'] as const)(
  'finishes with the next delivery after a crash at any step, %s API Gateway has performed it',
  async (when) => {
    let crashes = 0;
    for (let step = 0; ; step++) {
      const prefix = await issued('free');
      await deliver(await changes());
      expect(gateway.state()).toEqual({ [identifier(prefix)]: ['plan-free'] });
      await update(context, { prefix, plan: 'pro' });
      const other = await issued('free');
      const records = [...(await changes())];
      gateway.losing = { in: step, when };
      const deliveries = await deliver(records);
      gateway.losing = undefined;
      expect(gateway.state()).toEqual({ [identifier(prefix)]: ['plan-pro'], [identifier(other)]: ['plan-free'] });
      // Revocations crash in the same way.
      await revoke(context, { prefix });
      await revoke(context, { prefix: other });
      gateway.losing = { in: step, when };
      await deliver(await changes());
      gateway.losing = undefined;
      expect(gateway.state()).toEqual({});
      if (deliveries === 1) break;
      crashes++;
    }
    // Find, list plans, remove from the old plan, add to the new one; find, create, list plans, add to the plan.
    expect(crashes).toBe(8);
  },
);
