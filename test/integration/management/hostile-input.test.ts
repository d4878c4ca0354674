import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HTTP_ALIAS, isInvokedOverHttp } from '../../../src/management/http-alias.ts';
import { ADMIN_ROUTES, OPERATION_NAMES, OPERATIONS, type OperationName } from '../../../src/management/operations.ts';
import { FUNCTION_NAMES } from '../../support/management/function-names.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { createKeyClient, RefusedError, type KeyClient } from '../../../src/client.ts';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import { createTable, createUsageTable } from '../../../local/create-table.ts';
import { signedRequest } from '../local/gateway/signed.ts';
import { runningLocal, type RunningLocal } from '../../support/local/running.ts';
import { localConnection } from '../../support/storage/test-table.ts';

/** Input from a request body that could be mistaken for an API Gateway event. */
const hostile = (victim: string, ownerId: string) => ({
  version: '2.0',
  httpMethod: 'POST',
  requestContext: {
    httpMethod: 'POST',
    http: { method: 'POST' },
    identity: { userArn: 'arn:aws:iam::000000000000:root' },
    authorizer: { iam: { userArn: 'arn:aws:iam::000000000000:root' }, jwt: { claims: { iss: 'issuer', sub: 'root' } } },
  },
  headers: { 'content-type': 'application/json' },
  pathParameters: { prefix: victim, ownerId },
  queryStringParameters: { prefix: victim },
  isBase64Encoded: false,
  body: JSON.stringify({ name: 'owned', ownerId, scopes: ['* /*'], by: 'root' }),
});

let local: RunningLocal;
let lambda: LambdaClient;
beforeAll(async () => {
  local = await runningLocal({ authorizer: { ownerSuspension: true } });
  lambda = new LambdaClient({ endpoint: local.adminUrl, region: REGION, credentials: CREDENTIALS });
});
afterAll(async () => {
  lambda.destroy();
  await local.stop();
});

const UNKNOWN = {
  code: 'invalid_input',
  faults: expect.arrayContaining([
    { field: 'requestContext', message: 'unknown field', accepted: expect.any(String) as string },
  ]) as unknown,
};

/** The valid input of each operation on a caller's own key and owner. */
function ownInput(operation: OperationName, own: { prefix: string; key: string; ownerId: string }): object {
  const fields: readonly string[] = OPERATIONS[operation].fields;
  const values = { ...own, name: 'mine', records: [{}] };
  return Object.fromEntries(Object.entries(values).filter(([field]) => fields.includes(field)));
}

/** Runs an attempt and checks that another tenant's key and owner are unchanged. */
async function leavesVictimAlone(attempt: (victim: { prefix: string; ownerId: string }) => Promise<unknown>) {
  const ownerId = randomUUID();
  const { prefix } = await local.key({ name: 'victim', ownerId } as { name: string });
  const state = async () => [
    await local.call('get-key', { prefix }),
    await local.call('get-owner', { ownerId }),
    await local.call('list-keys', { ownerId }),
  ];
  const before = await state();
  await attempt({ prefix, ownerId });
  expect(await state()).toEqual(before);
}

describe('an operation that is invoked directly', () => {
  it.each(OPERATION_NAMES)('rejects an API Gateway event in the input of %s', async (operation) => {
    await leavesVictimAlone(async (victim) => {
      const own = await local.key();
      const input = ownInput(operation, { ...own, ownerId: randomUUID() });
      const event = hostile(victim.prefix, victim.ownerId);
      const name = OPERATIONS[operation].entry;
      for (const payload of [event, { ...event, ...input }, { ...input, requestContext: {} }])
        expect(await local.call(name, payload)).toMatchObject({ error: UNKNOWN });
    });
  });

  it('does not log the caller of an event in its input', async () => {
    const before = local.lines.length;
    await local.call('suspend-owner', { ...hostile('000000000000', 'acme'), ownerId: 'acme' });
    await expect.poll(() => local.lines.slice(before).join('\n')).toContain('"operation":"suspend"');
    expect(local.lines.slice(before).join('\n')).not.toContain(':root');
    expect(await local.call('get-owner', { ownerId: 'acme' })).toMatchObject({ suspended: false, suspendedBy: null });
  });
});

describe('a request to the admin API', () => {
  it.each(ADMIN_ROUTES)(
    'a request to the admin API is rejected at $method $path if it contains an API Gateway event',
    async ({ method, path }) => {
      await leavesVictimAlone(async (victim) => {
        const own = await local.key();
        const event = hostile(victim.prefix, victim.ownerId);
        const target = path.replace('{prefix}', own.prefix).replace('{ownerId}', 'mine');
        const query = method === 'GET' ? '?requestContext=%7B%7D&pathParameters=%7B%7D' : '';
        const body = method === 'GET' ? undefined : event;
        expect(await signedRequest(local.adminUrl, method, `${target}${query}`, body)).toMatchObject({
          status: 400,
          body: { error: UNKNOWN },
        });
      });
    },
  );

  it('a request to the admin API cannot name another key in the query than in the path', async () => {
    const [own, other] = [await local.key(), await local.key()];
    const answer = await signedRequest(local.adminUrl, 'GET', `/keys/${own.prefix}?prefix=${other.prefix}`);
    expect(answer).toMatchObject({ status: 400, body: { error: { faults: [{ field: 'prefix' }] } } });
  });

  it('a request to the admin API can start its body with a byte order mark', async () => {
    const { prefix } = await local.key();
    const event = (body: string, isBase64Encoded: boolean) =>
      JSON.stringify({ requestContext: { httpMethod: 'PATCH' }, pathParameters: { prefix }, body, isBase64Encoded });
    const body = '\uFEFF{"name":"marked"}';
    for (const payload of [event(body, false), event(Buffer.from(body).toString('base64'), true)]) {
      const outcome = await local.function('update-key').invoke(payload, HTTP_ALIAS);
      expect(JSON.parse(outcome.ok ? outcome.payload : '{}')).toMatchObject({ statusCode: 200 });
    }
  });
});

it('an alias invocation with something other than an API Gateway event fails', async () => {
  const outcome = await local.function('create-key').invoke('{"name":"x"}', HTTP_ALIAS);
  expect(outcome).toMatchObject({ ok: false, error: { errorType: 'TypeError' } });
});

it.each([
  ['arn:aws:lambda:eu-west-1:123456789012:function:create:http', true],
  ['arn:aws:lambda:eu-west-1:123456789012:function:create', false],
  ['arn:aws:lambda:eu-west-1:123456789012:function:http', false],
  ['arn:aws:lambda:eu-west-1:123456789012:function:create:$LATEST', false],
  ['arn:aws:lambda:eu-west-1:123456789012:function:create:7', false],
  ['arn:aws:lambda:eu-west-1:123456789012:function:create:https', false],
  ['', false],
])('detects from the ARN %s whether API Gateway invoked a function', (invokedFunctionArn, expected) => {
  expect(isInvokedOverHttp({ invokedFunctionArn })).toBe(expected);
});

const transports: Record<string, () => Promise<KeyClient>> = {
  'the table': async () => {
    const [tableName, usageTableName] = [`keys-${randomUUID()}`, `usage-${randomUUID()}`];
    const client = new DynamoDBClient(localConnection());
    await createTable(client, tableName);
    await createUsageTable(client, usageTableName);
    client.destroy();
    return createKeyClient({
      ...{ tableName, usageTableName, dynamodb: documentClient(localConnection()) },
      ownerSuspension: true,
    });
  },
  'the functions': () => Promise.resolve(createKeyClient({ functionNames: FUNCTION_NAMES, lambda })),
};

describe.each(Object.entries(transports))('the key client over %s', (_where, connect) => {
  let keys: KeyClient;
  beforeAll(async () => {
    keys = await connect();
  });
  const refusal = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RefusedError);
    return error;
  };

  it('rejects an API Gateway event among the options of every method', async () => {
    const ownerId = randomUUID();
    const victim = await keys.create({ name: 'victim', ownerId });
    const own = await keys.create({ name: 'mine', ownerId: 'mine' });
    const { prefix } = own.record;
    const event: object = hostile(victim.record.prefix, ownerId);
    const page = async () => {
      for await (const _key of keys.listAll(event)) throw new Error('a key was listed');
    };
    const attempts: Record<string, () => Promise<unknown>> = {
      create: () => keys.create({ ...event, name: 'mine' }),
      list: () => keys.list(event),
      listAll: page,
      update: () => keys.update(prefix, event),
      rotate: () => keys.rotate(prefix, event),
      revoke: () => keys.revoke(prefix, event),
      verify: () => keys.verify(own.key ?? '', event),
      usage: () => keys.usage(prefix, event),
      suspend: () => keys.suspend('mine', event),
      resume: () => keys.resume('mine', event),
      importKeys: () => keys.importKeys([{}], event),
      exportKeys: () => keys.exportKeys(event),
    };
    for (const [method, attempt] of Object.entries(attempts))
      expect(await refusal(attempt()), method).toMatchObject(UNKNOWN);
    expect(await keys.get(victim.record.prefix)).toEqual(victim.record);
    expect(await keys.owner(ownerId)).toMatchObject({ suspended: false });
    expect((await keys.list({ ownerId })).records).toHaveLength(1);
  });

  it('rejects a key or an owner that the options name as well', async () => {
    const { record } = await keys.create({ name: 'mine' });
    const other: object = { prefix: '000000000000' };
    const owner: object = { ownerId: 'theirs' };
    const key: object = { key: 'lk_y' };
    expect(await refusal(keys.update(record.prefix, { name: 'x', ...other }))).toMatchObject({
      code: 'invalid_input',
      faults: [{ field: 'prefix', message: 'is set by the method itself; leave it out' }],
    });
    await refusal(keys.revoke(record.prefix, other));
    await refusal(keys.suspend('mine', owner));
    await refusal(keys.verify('lk_x', key));
    expect(await keys.get(record.prefix)).toEqual(record);
  });

  it('rejects options that would serialise themselves as another input', async () => {
    const [mine, theirs] = [await keys.create({ name: 'mine' }), await keys.create({ name: 'theirs' })];
    const changes = { name: 'x', toJSON: () => ({ prefix: theirs.record.prefix, name: 'owned' }) };
    await refusal(keys.update(mine.record.prefix, changes));
    expect(await keys.get(theirs.record.prefix)).toEqual(theirs.record);
  });

  it('rejects a field named __proto__ wherever the caller names fields', async () => {
    const { record } = await keys.create({ name: 'mine', metadata: { tenant: 'acme' } });
    const proto = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    const attempts = [
      () => keys.create({ name: 'x', metadata: proto }),
      () => keys.update(record.prefix, { metadata: proto }),
      () => keys.update(record.prefix, { limits: { rate: '1/s', ...proto } }),
      () => keys.update(record.prefix, { restrictions: { stages: ['prod'], ...proto } }),
      () => keys.update(record.prefix, { name: 'x', ...proto }),
    ];
    for (const attempt of attempts)
      expect(await refusal(attempt())).toMatchObject({
        code: 'invalid_input',
        faults: [{ field: expect.stringContaining('__proto__') as string }],
      });
    expect(await keys.get(record.prefix)).toEqual(record);
  });

  it('rejects an import record with a field named __proto__', async () => {
    const { record } = await keys.create({ name: 'mine' });
    const { records } = await keys.exportKeys();
    const exported = records.find(({ prefix }) => prefix === record.prefix);
    for (const odd of ['{"metadata":{"__proto__":"x"}}', '{"__proto__":{"enabled":true}}']) {
      const { outcomes } = await keys.importKeys([{ ...exported, ...(JSON.parse(odd) as object) }]);
      expect(outcomes).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining('__proto__') as string }]);
    }
  });

  it('finds a name with composed and decomposed accents', async () => {
    const name = `Café ${randomUUID()}`;
    const { record } = await keys.create({ name: name.normalize('NFD') });
    for (const form of ['NFC', 'NFD'] as const)
      expect((await keys.list({ name: name.normalize(form).toUpperCase() })).records).toMatchObject([
        { prefix: record.prefix },
      ]);
  });

  it('treats inputs that differ in the order of their fields as one idempotent request', async () => {
    const idempotencyToken = randomUUID();
    const first = await keys.create({
      name: 'once',
      metadata: { a: 1, b: 2 },
      limits: { rate: '1/s', burst: 2 },
      idempotencyToken,
    });
    const again = await keys.create({
      idempotencyToken,
      limits: { burst: 2, rate: '1/s' },
      metadata: { b: 2, a: 1 },
      name: 'once',
    });
    expect(again).toMatchObject({ key: null, record: { prefix: first.record.prefix } });
    expect(await refusal(keys.create({ name: 'once', metadata: { a: 2, b: 1 }, idempotencyToken }))).toMatchObject({
      code: 'idempotency_conflict',
    });
  });

  it('advises the last key of a chain of rotations, or a new key if that one is revoked', async () => {
    const { record } = await keys.create({ name: 'first' });
    const second = await keys.rotate(record.prefix, { overlap: '1h' });
    const third = await keys.rotate(second.record.prefix, { overlap: '1h' });
    await expect(keys.rotate(record.prefix)).rejects.toThrow(`rotate ${third.record.prefix} instead`);
    await expect(keys.update(record.prefix, { expires: '1d' })).rejects.toThrow(
      `change ${third.record.prefix} instead`,
    );
    await keys.revoke(third.record.prefix);
    const advice = `its successor ${third.record.prefix} is revoked, so create a new one`;
    await expect(keys.rotate(record.prefix)).rejects.toThrow(advice);
    await expect(keys.update(record.prefix, { expires: '1d' })).rejects.toThrow(advice);
  });

  it('rejects with the reason of a signal that has been aborted', async () => {
    const reason = new Error('the request was cancelled');
    await expect(keys.list({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const call = keys.list({}, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await expect(keys.list({}, { signal: new AbortController().signal })).resolves.toHaveProperty('records');
  });
});

describe('a function that does not return JSON', () => {
  it.each(['', '<html>Bad gateway</html>', '"text"', 'null', '42'])('fails the call: %j', async (payload) => {
    const server = createServer((_request, response) => response.end(payload)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const endpoint = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}`;
    const client = new LambdaClient({ endpoint, region: REGION, credentials: CREDENTIALS });
    const keys = createKeyClient({ functionNames: { settings: 'proxy' }, lambda: client });
    await expect(keys.settings()).rejects.toMatchObject({
      name: 'FunctionFailedError',
      message: 'the function proxy returned something other than a JSON object; its log in CloudWatch says why',
    });
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
});
