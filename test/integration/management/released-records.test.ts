import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attributesOf } from '../../../cdk/attributes.ts';
import { createKeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import { createAuthorizer as customAuthorizer } from '../../../src/authorizer/custom/custom-authorizer.ts';
import { policyTooLarge } from '../../../src/core/scopes/policy.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, toEnvironment } from '../../../src/gateway/settings.ts';
import { exportKeys } from '../../../src/management/operations/export.ts';
import { importKeys } from '../../../src/management/operations/import.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import type { PortableKey } from '../../../src/management/portable.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { update } from '../../../src/management/operations/update.ts';
import { verify } from '../../../src/management/operations/verify.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { httpEvent, restEvent } from '../../support/authorizer/events.ts';
import { LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';

/** A key and its item in the table, written by the code of the commit. */
interface Released {
  readonly commit: string;
  readonly title: string;
  readonly key: string;
  readonly item: {
    readonly prefix: string;
    readonly scopes: readonly string[];
    readonly metadata: Readonly<Record<string, unknown>>;
  };
}

/** Every released format of an item, with the first commit that wrote it. */
const RELEASED = JSON.parse(readFileSync(new URL('released-records.json', import.meta.url), 'utf8')) as Released[];

const settings = {
  label: LABEL,
  importedFormats: ['drf'],
  retentionSeconds: 1000,
  plans: { pro: { rate: '100/s' } },
  restrictions: ['sourceIp', 'origin'],
  ownerSuspension: false,
} as const satisfies OperationContext['settings'];

async function emptyTable(more: Partial<OperationContext['settings']> = {}) {
  const table = await testTable();
  const keys = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
  const context: OperationContext = { settings: { ...settings, ...more }, keys, now: Date.now, randomBytes };
  return { table, context };
}

/** A table with the items of the released versions. */
async function releasedTable(more: Partial<OperationContext['settings']> = {}): Promise<OperationContext> {
  const { table, context } = await emptyTable(more);
  for (const { item } of RELEASED) await table.client.send(new PutCommand({ TableName: table.tableName, Item: item }));
  return context;
}

const routeOf = ({ item }: Released) => item.scopes[0]?.replace('*', '1') ?? 'GET /orders/1';
const allRecords = async (context: OperationContext) =>
  (await exportKeys(context, {})).records.toSorted((one, other) => (one.prefix < other.prefix ? -1 : 1));

describe.each(RELEASED)('a key "$title" made by $commit', (released) => {
  let context: OperationContext;
  beforeAll(async () => {
    context = await releasedTable();
  });

  it.each([
    ['REST', restEvent],
    ['HTTP', httpEvent],
  ])('a released key is allowed by the prebuilt and the custom authorizer on a %s API', async (_kind, event) => {
    const authorizerSettings = {
      ...DEFAULT_AUTHORIZER_SETTINGS,
      label: LABEL,
      importedFormats: ['drf'] as const,
      plans: settings.plans,
      restrictions: settings.restrictions,
    };
    const stock = createKeyAuthorizer(authorizerSettings, { keys: context.keys, report: () => undefined });
    const custom = customAuthorizer(
      {},
      { environment: toEnvironment('a-table', authorizerSettings), keys: context.keys, write: () => undefined },
    );
    for (const call of [routeOf(released), 'DELETE /elsewhere']) {
      const request = event({ call, headers: { 'X-Api-Key': released.key }, sourceIp: '192.0.2.1' });
      const expected = await stock(request);
      const found = await custom(request);
      expect({ ...found, context: undefined }).toEqual({ ...expected, context: undefined });
    }
  });

  it('a released key can be verified, updated and rotated', async () => {
    const { key, item } = released;
    const route = routeOf(released);
    expect(await verify(context, { key, route, sourceIp: '192.0.2.1', stage: 'prod' })).toMatchObject({ valid: true });
    expect(await update(context, { prefix: item.prefix, name: 'renamed' })).toMatchObject({ name: 'renamed' });
    const successor = await rotate(context, { prefix: item.prefix, overlap: '1h' });
    for (const text of [key, successor.key])
      expect(await verify(context, { key: text, route })).toMatchObject({ valid: true });
  });
});

/** A key without rotations gets a new API Gateway key value. All keys of a chain of rotations keep theirs. */
const asImported = (record: PortableKey): PortableKey =>
  record.countsAs === undefined && record.replacedBy === undefined ? { ...record, usageId: 2 } : record;

describe('an export of released records', () => {
  it('an export of released records contains a record that would be rejected as a new key', () => {
    expect(RELEASED.some(({ item }) => policyTooLarge(item.scopes) !== undefined)).toBe(true);
  });

  it('an export of released records is imported completely, with a warning for each key that breaks a rule for new keys', async () => {
    const source = await releasedTable();
    const records = await allRecords(source);
    const { context: target } = await emptyTable();
    for (const dryRun of [true, false]) {
      const { outcomes } = await importKeys(target, { records, dryRun });
      for (const [index, outcome] of outcomes.entries()) {
        const warning = policyTooLarge(records[index]?.scopes ?? []);
        expect(outcome).toEqual({
          outcome: 'imported',
          prefix: records[index]?.prefix,
          ...(warning !== undefined && { warning: `scopes: ${warning}` }),
        });
      }
    }
    expect(await allRecords(target)).toEqual(records.map(asImported));
    for (const { key } of RELEASED) expect(await verify(target, { key })).toMatchObject({ valid: true });
  });

  it.each([
    ['became required', z.object({ region: z.string(), seats: z.number().optional(), trial: z.boolean().optional() })],
    ['were narrowed', z.object({ region: z.enum(['us']), seats: z.int().max(1), trial: z.boolean() }).partial()],
    ['were removed', z.object({ other: z.string().optional() })],
    ['got a default', z.object({ tier: z.string().default('free') }).loose()],
  ])('an export of released records is imported unchanged after attributes %s', async (_what, schema) => {
    const records = await allRecords(await releasedTable());
    const { context: target } = await emptyTable({ attributes: attributesOf(schema, {}) });
    const { outcomes } = await importKeys(target, { records });
    expect(outcomes.every(({ outcome }) => outcome === 'imported')).toBe(true);
    expect(await allRecords(target)).toEqual(records.map(asImported));
    const warned = outcomes.flatMap((one) => ('warning' in one ? [one.warning] : []));
    const broken = RELEASED.filter(({ item }) => !schema.strict().safeParse(item.metadata).success);
    expect(warned.filter((text) => text?.includes('metadata.'))).toHaveLength(
      _what === 'got a default' ? 0 : broken.length,
    );
  });
});

describe('a key that this deployment would reject', () => {
  const full = () => {
    const record = RELEASED.findLast(({ title }) => title === 'every field');
    if (record === undefined) throw new Error('the fixture has a key with every field');
    return record;
  };

  it.each([
    ['its plan is not configured', { plans: {} }, 'plan'],
    ['its restriction is not enforced', { restrictions: [] }, 'restrictions'],
  ])(
    'a key that this deployment would reject is listed because %s, and imported if the operator says so',
    async (_why, more, field) => {
      const records = (await allRecords(await releasedTable())).filter(({ prefix }) => prefix === full().item.prefix);
      const { context } = await emptyTable(more);
      expect((await importKeys(context, { records, dryRun: true })).outcomes).toMatchObject([
        { outcome: 'refused', unusable: true, reason: expect.stringContaining(`${field}: `) as string },
      ]);
      expect((await importKeys(context, { records, includeUnusable: true })).outcomes).toMatchObject([
        { outcome: 'imported', warning: expect.stringContaining(`${field}: `) as string },
      ]);
      expect(await verify(context, { key: full().key })).toMatchObject({ valid: false });
      expect(await verify({ ...context, settings }, { key: full().key })).toMatchObject({ valid: true });
    },
  );

  it('a key that this deployment would reject is imported without a confirmation if it is revoked', async () => {
    const [record] = (await allRecords(await releasedTable())).filter(({ plan }) => plan !== undefined);
    const { context } = await emptyTable({ plans: {} });
    const revoked = { ...record, revokedAt: '2026-11-25T00:00:00Z' };
    expect((await importKeys(context, { records: [revoked] })).outcomes).toMatchObject([{ outcome: 'imported' }]);
  });
});
