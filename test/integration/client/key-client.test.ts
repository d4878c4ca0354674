import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, expectTypeOf, inject, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaOf, type AttributesSchema } from '../../../src/core/attributes/attributes.ts';
import { functionOutput, OPERATION_NAMES } from '../../../src/management/operations.ts';
import { FUNCTION_NAMES } from '../../support/management/function-names.ts';
import { documentClient } from '../../../src/storage/client.ts';
import {
  createKeyClient,
  FunctionFailedError,
  RefusedError,
  type CreateInput,
  type KeyClient,
} from '../../../src/client.ts';
import { CREDENTIALS, LOCAL_PLANS, REGION } from '../../../local/account.ts';
import { createTable, createUsageTable } from '../../../local/create-table.ts';
import { startLocal, type Local } from '../../../local/server.ts';
import { localConnection } from '../../support/storage/test-table.ts';

/** The attributes of the test keys. Each test runs on a table, with functions, and with a stack. */
const attributes = z.object({ tenant: z.string().min(1), plan: z.enum(['free', 'pro']).default('free') });
type Attributes = z.output<typeof attributes>;
type Client = KeyClient<Attributes, z.input<typeof attributes>>;
const LABEL = 'contract';

let local: Local;
let cloudFormation: Server;
let lambda: LambdaClient;
beforeAll(async () => {
  local = await startLocal({
    flushSettleMs: 300,
    port: 0,
    adminPort: 0,
    table: `keys-${randomUUID()}`,
    dynamodbEndpoint: inject('dynamodbEndpoint'),
    authorizer: { label: LABEL, ownerSuspension: true },
    attributes: jsonSchemaOf(attributes),
  });
  lambda = new LambdaClient({ endpoint: local.adminUrl, region: REGION, credentials: CREDENTIALS });
  cloudFormation = createServer((_request, response) => {
    const outputs = OPERATION_NAMES.map(
      (name) =>
        `<member><OutputKey>${functionOutput(name)}</OutputKey><OutputValue>${FUNCTION_NAMES[name]}</OutputValue></member>`,
    );
    const stack = `<member><StackName>Orders</StackName><Outputs>${outputs.join('')}</Outputs></member>`;
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      `<DescribeStacksResponse><DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult></DescribeStacksResponse>`,
    );
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => cloudFormation.once('listening', resolve));
});
afterAll(async () => {
  cloudFormation.close();
  lambda.destroy();
  await local.stop();
});

const transports: Record<string, () => Promise<Client>> = {
  'the table': async () => {
    const [tableName, usageTableName] = [`keys-${randomUUID()}`, `usage-${randomUUID()}`];
    const client = new DynamoDBClient(localConnection());
    await createTable(client, tableName);
    await createUsageTable(client, usageTableName);
    client.destroy();
    const dynamodb = documentClient(localConnection());
    const settings = { label: LABEL, plans: LOCAL_PLANS, ownerSuspension: true, attributes };
    return createKeyClient({ tableName, usageTableName, dynamodb, ...settings });
  },
  'the functions': () => Promise.resolve(createKeyClient({ functionNames: FUNCTION_NAMES, lambda, attributes })),
  'the functions of a stack': () => {
    const { port } = cloudFormation.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${String(port)}`;
    const client = new CloudFormationClient({ endpoint, region: REGION, credentials: CREDENTIALS });
    return Promise.resolve(createKeyClient({ stackName: 'Orders', cloudFormation: client, lambda, attributes }));
  },
};

describe.each(Object.entries(transports))('the key client over %s', (_where, connect) => {
  let keys: Client;
  beforeAll(async () => {
    keys = await connect();
  });
  const aKey = async (fields: Partial<CreateInput<z.input<typeof attributes>>> = {}) => {
    const { key, record } = await keys.create({ name: 'a key', metadata: { tenant: 'acme' }, ...fields });
    return { key: key ?? '', prefix: record.prefix };
  };
  const refused = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RefusedError);
    return error as RefusedError;
  };

  it('creates, gets and updates a key', async () => {
    const { key, record } = await keys.create({
      name: 'Checkout',
      ownerId: 'acme',
      scopes: ['GET /orders/*'],
      metadata: { tenant: 'acme' },
      plan: 'pro',
      expires: '90d',
    });
    expect(key).toMatch(/^contract_/);
    expect(record).toMatchObject({ name: 'Checkout', metadata: { tenant: 'acme', plan: 'free' }, plan: 'pro' });
    expectTypeOf(record.metadata).toEqualTypeOf<Attributes>();
    expect(await keys.get(record.prefix)).toEqual(record);
    const changes = { name: 'Renamed', expires: null, metadata: { tenant: 'bolt', plan: 'pro' } } as const;
    const updated = await keys.update(record.prefix, { ...changes, version: 1 });
    expect(updated).toMatchObject({ name: 'Renamed', expiresAt: null, metadata: changes.metadata, version: 2 });
  });

  it('verifies, rotates and revokes a key', async () => {
    const { key, prefix } = await aKey({ scopes: ['GET /orders/*'] });
    expect(await keys.verify(key, { route: 'GET /orders/1' })).toMatchObject({ valid: true, record: { prefix } });
    expect(await keys.verify(key, { route: 'GET /admin' })).toEqual({ valid: false, reason: 'scope' });
    const successor = await keys.rotate(prefix, { overlap: '1h' });
    expect(successor).toMatchObject({ record: { rotatedFrom: prefix }, caches: { failed: [] } });
    expect(await keys.verify(key)).toMatchObject({ valid: true });
    expect(await keys.revoke(prefix, { reason: 'leaked' })).toMatchObject({
      status: 'revoked',
      revokedReason: 'leaked',
      caches: { failed: [] },
    });
    expect(await keys.verify(key)).toEqual({ valid: false, reason: 'revoked' });
    expect(await keys.verify(successor.key ?? '')).toMatchObject({ valid: true });
  });

  it('revokes several keys', async () => {
    const [one, other] = [await aKey(), await aKey()];
    const { records, caches } = await keys.revokeAll([one.prefix, other.prefix], { reason: 'leaked' });
    expect(records).toMatchObject([
      { prefix: one.prefix, status: 'revoked', revokedReason: 'leaked' },
      { prefix: other.prefix, status: 'revoked', revokedReason: 'leaked' },
    ]);
    expect(caches).toMatchObject({ pending: [], failed: [] });
    expect(await keys.revokeAll([])).toEqual({ records: [], caches: { flushed: [], pending: [], failed: [] } });
  });

  it('revokes the keys before one that cannot be revoked', async () => {
    const { prefix } = await aKey();
    await expect(keys.revokeAll([prefix, 'doesnotexist', prefix])).rejects.toMatchObject({ code: 'not_found' });
    expect(await keys.get(prefix)).toMatchObject({ status: 'revoked' });
  });

  it('lists keys by page, and all pages', async () => {
    const ownerId = randomUUID();
    const made = [];
    for (let nth = 0; nth < 3; nth++) made.unshift((await aKey({ ownerId })).prefix);
    const page = await keys.list({ ownerId, limit: 2 });
    expect(page.records.map(({ prefix }) => prefix)).toEqual(made.slice(0, 2));
    const rest = await keys.list({ ownerId, limit: 2, ...(page.cursor === null ? {} : { cursor: page.cursor }) });
    expect(rest.records.map(({ prefix }) => prefix)).toEqual(made.slice(2));
    const all: string[] = [];
    for await (const { prefix } of keys.listAll({ ownerId })) all.push(prefix);
    expect(all).toEqual(made);
  });

  it('suspends and resumes an owner', async () => {
    const ownerId = randomUUID();
    const { key } = await aKey({ ownerId });
    const suspended = await keys.suspend(ownerId, { reason: 'unpaid', by: 'ann' });
    expect(suspended).toMatchObject({ suspended: true, suspendedBy: 'ann', caches: { failed: [] } });
    expect(await keys.verify(key)).toEqual({ valid: false, reason: 'suspended' });
    expect(await keys.owner(ownerId)).toMatchObject({ suspended: true, suspendedReason: 'unpaid' });
    expect(await keys.resume(ownerId, { by: 'bob' })).toMatchObject({ suspended: false, resumedBy: 'bob' });
    expect(await keys.verify(key)).toMatchObject({ valid: true });
    expect((await refused(keys.resume(ownerId))).code).toBe('not_suspended');
  });

  it('returns the settings and the usage of a key', async () => {
    expect(await keys.settings()).toEqual({
      label: LABEL,
      plans: LOCAL_PLANS,
      attributes: jsonSchemaOf(attributes),
      readOnly: false,
      ownerSuspension: true,
      restrictions: [],
      importedFormats: [],
    });
    const { prefix } = await aKey();
    expect(await keys.usage(prefix, { from: '2027-01-01', to: '2027-01-31' })).toMatchObject({ prefix, requests: 0 });
  });

  it('exports and imports keys', async () => {
    const { prefix } = await aKey();
    const { records } = await keys.exportKeys({ limit: 1 });
    expect(records).toMatchObject([{ prefix, label: LABEL }]);
    const outcomes = [{ outcome: 'present', prefix }];
    expect(await keys.importKeys(records, { dryRun: true })).toEqual({ outcomes });
    expect(await keys.importKeys(records)).toEqual({ outcomes });
  });

  it('creates one key for two calls with the same idempotency token, and two keys without a token', async () => {
    const idempotencyToken = randomUUID();
    const [first, again] = [await aKey({ idempotencyToken }), await aKey({ idempotencyToken })];
    expect(again).toEqual({ key: '', prefix: first.prefix });
    expect((await aKey()).prefix).not.toBe((await aKey()).prefix);
  });

  it('throws a RefusedError with the code and the details of the rejection', async () => {
    const metadata = { tenant: '', colour: 'red' };
    const invalid = await refused(keys.create({ name: 'a key', metadata }));
    expect(invalid.code).toBe('invalid_input');
    expect(invalid.faults.map(({ field }) => field).toSorted()).toEqual(['metadata.colour', 'metadata.tenant']);
    expect((await refused(keys.get('000000000000'))).code).toBe('not_found');
    const { prefix } = await aKey();
    const conflict = await refused(keys.update(prefix, { name: 'x', version: 7 }));
    expect(conflict).toMatchObject({ code: 'version_conflict', refusal: { version: 1 } });
    await keys.revoke(prefix);
    expect((await refused(keys.rotate(prefix))).code).toBe('revoked');
    expect((await refused(keys.create({ name: 'a key', metadata: { tenant: 'a' }, plan: 'gone' }))).code).toBe(
      'invalid_input',
    );
  });

  it('requires at compile time the attributes that a key must have', () => {
    // @ts-expect-error -- the tenant is missing
    const without = () => keys.create({ name: 'a key' });
    // @ts-expect-error -- the plan is not in the enum
    const wrong = () => keys.create({ name: 'a key', metadata: { tenant: 'acme', plan: 'gold' } });
    expect([without, wrong]).toHaveLength(2);
  });
});

describe('createKeyClient', () => {
  it.each(['acme live', '', 'Acme', 'a'.repeat(25)])('rejects the label "%s" for a table', (label) => {
    expect(() => createKeyClient({ tableName: 'any', label })).toThrow(TypeError);
  });

  const schemas: [string, AttributesSchema, string][] = [
    ['an invalid field name', z.object({ 'a-b': z.string() }), '"a-b" in attributes'],
    ['a field of several types', z.object({ a: z.union([z.string(), z.number()]) }), '"a" in attributes'],
    ['too many fields', z.object(fieldsNamed(33)), 'attributes has 33 fields'],
    ['a refinement', z.object({ a: z.string().refine(Boolean) }), 'attributes.a has a refinement'],
  ];
  it.each(schemas)('rejects an attributes schema with %s over a table, functions and a stack', (_what, schema, why) => {
    const places = [{ tableName: 'any' }, { functionNames: {} }, { stackName: 'any' }];
    for (const place of places) expect(() => createKeyClient({ ...place, attributes: schema })).toThrow(why);
  });
});

describe('a client with a wrong configuration', () => {
  it('throws the error of the AWS SDK for a missing table, on every call', async () => {
    const keys = createKeyClient({ tableName: 'nowhere', dynamodb: documentClient(localConnection()) });
    await expect(keys.get('000000000000')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(keys.get('000000000000')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('throws the error of the AWS SDK for a missing function, and a FunctionFailedError for a failed one', async () => {
    const keys = createKeyClient({ functionNames: { get: 'nobody', list: 'authorizer' }, lambda });
    await expect(keys.get('000000000000')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(keys.list()).rejects.toBeInstanceOf(FunctionFailedError);
    await expect(keys.settings()).rejects.toThrow('functionNames has no function for settings');
  });

  it('rejects usage if the usage table is not configured', async () => {
    const keys = createKeyClient({ tableName: 'any', dynamodb: documentClient(localConnection()) });
    await expect(keys.usage('000000000000')).rejects.toMatchObject({ code: 'not_enabled' });
  });
});

function fieldsNamed(many: number): Record<string, z.ZodString> {
  return Object.fromEntries(Array.from({ length: many }, (_, nth) => [`field${String(nth)}`, z.string()]));
}
