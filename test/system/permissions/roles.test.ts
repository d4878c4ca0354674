import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { LatchkeyStack } from '../../../cdk/latchkey-stack.ts';
import { SAMPLE_STAGE } from '../../../local/account.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { testApp } from '../../support/cdk/synth.ts';
import { runningLocal, type RunningLocal } from '../../support/local/running.ts';
import { DeployedRoles, gatewayArn, iamAllows, type Asked } from './account.ts';
import { recordingProxy } from './recording-proxy.ts';
import { allowedOfAllServices, askedFor, callOf, expectJustEnough } from './trial.ts';

/**
 * Runs each function's bundle against DynamoDB Local, through a proxy that records the permissions it needs. An
 * independent evaluator then checks that the synthesized role allows exactly these.
 */
const account = new DeployedRoles(Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey')));
const arn = {
  keys: account.arnOf('AWS::DynamoDB::GlobalTable', 'KeysTable'),
  limits: account.arnOf('AWS::DynamoDB::GlobalTable', 'LimitsTable'),
  usage: account.arnOf('AWS::DynamoDB::GlobalTable', 'UsageTable'),
};
const SAMPLE_STAGE_PATH = `/restapis/${account.idOf('AWS::ApiGateway::RestApi', 'SampleApi')}/stages/prod`;
const SAMPLE_CACHE = `${SAMPLE_STAGE_PATH}/cache/authorizers`;
const trial = {
  account,
  tables: arn,
  gatewayPaths: [SAMPLE_CACHE, SAMPLE_STAGE_PATH, SAMPLE_CACHE.replace('/prod/', '/dev/')],
};

let local: RunningLocal;
let proxy: Awaited<ReturnType<typeof recordingProxy>>;
/** Calls to API Gateway's management API, which the local server accepts. */
let gatewayCalls: string[] = [];

beforeAll(async () => {
  proxy = await recordingProxy(inject('dynamodbEndpoint'));
  subscribe('http.server.request.start', (message) => {
    const { method, url } = (message as { request: IncomingMessage }).request;
    if (url?.startsWith('/restapis/') === true) gatewayCalls.push(`${String(method)} ${url}`);
  });
  local = await runningLocal({ dynamodbEndpoint: proxy.endpoint });
});
afterAll(async () => {
  await local.stop();
  proxy.stop();
});

const create = async () => local.key({ name: 'a key', ownerId: 'acme' } as { name: string });

/** The work of each function in all its branches, by role. */
const WORK: Readonly<Record<string, () => Promise<unknown>>> = {
  KeysAuthorizerRole: async () => {
    const { key } = await create();
    begin();
    await local.call('authorizer', restEvent({ headers: { 'x-api-key': key } }));
    await local
      .call('authorizer', restEvent({ headers: { 'x-api-key': key.replace(/_\w{12}_/, '_AAAAAAAAAAAA_') } }))
      .catch(() => undefined);
    // The function doesn't wait for the write of the last use.
    await expect.poll(() => proxy.uses.map(({ action }) => action)).toContain('dynamodb:UpdateItem');
  },
  KeysCreateRole: async () => {
    begin();
    const input = { name: 'a key', ownerId: 'acme', idempotencyToken: 'permissions' };
    for (const again of [input, input, { ...input, name: 'conflict' }]) await local.call('create-key', again);
  },
  KeysGetRole: async () => {
    const { prefix } = await create();
    begin();
    for (const one of [prefix, 'AAAAAAAAAAAA']) await local.call('get-key', { prefix: one });
  },
  KeysListRole: async () => {
    await create();
    begin();
    for (const query of [{}, { ownerId: 'acme' }, { name: 'a' }, { status: 'active' }])
      await local.call('list-keys', query);
  },
  KeysUpdateRole: async () => {
    const { prefix } = await create();
    begin();
    await local.call('update-key', { prefix, name: 'another', expires: '1d', version: 1 });
    await local.call('update-key', { prefix, name: 'conflict', version: 1 });
    await local.call('update-key', { prefix: 'AAAAAAAAAAAA', name: 'nobody' });
  },
  KeysRotateRole: async () => {
    const [one, other] = [await create(), await create()];
    begin();
    await local.call('rotate-key', { prefix: one.prefix });
    await local.call('rotate-key', { prefix: other.prefix, overlap: '1h', idempotencyToken: 'permissions-rotate' });
    await local.call('rotate-key', { prefix: other.prefix, overlap: '1h', idempotencyToken: 'permissions-rotate' });
  },
  KeysRevokeRole: async () => {
    const { prefix } = await create();
    begin();
    for (const one of [prefix, prefix, 'AAAAAAAAAAAA']) await local.call('revoke-key', { prefix: one });
  },
  KeysDisableRole: async () => {
    const { prefix } = await create();
    begin();
    for (const one of [prefix, prefix, 'AAAAAAAAAAAA']) await local.call('disable-key', { prefix: one });
  },
  KeysEnableRole: async () => {
    const { prefix } = await create();
    await local.call('disable-key', { prefix });
    begin();
    for (const one of [prefix, prefix, 'AAAAAAAAAAAA']) await local.call('enable-key', { prefix: one });
  },
  KeysVerifyRole: async () => {
    const { key } = await create();
    begin();
    await local.call('verify-key', { key });
  },
  KeysImportRole: async () => {
    await create();
    const { records } = (await local.call('export-keys', { limit: 1 })) as { records: object[] };
    begin();
    for (const more of [{ dryRun: true }, {}, {}])
      await local.call('import-keys', { records: [{ ...records[0], prefix: 'importedHere' }], ...more });
  },
  KeysExportRole: async () => {
    await create();
    begin();
    await local.call('export-keys', { limit: 1 });
  },
  KeysSettingsRole: async () => {
    begin();
    await local.call('get-settings', {});
  },
  SampleEchoRole: async () => {
    begin();
    const authorizer = { keyId: 'AAAAAAAAAAAA', name: 'a key', scopes: '', rate: '2/h', quota: '5/day' };
    for (let call = 0; call < 4; call++)
      await local.call('echo', { httpMethod: 'GET', path: '/', requestContext: { authorizer } });
  },
  UsageAggregatorRole: async () => {
    begin();
    const message = JSON.stringify({
      keyId: 'AAAAAAAAAAAA',
      route: 'GET /',
      status: '200',
      time: String(Date.now()),
      latencyMs: '1',
    });
    const data = gzipSync(
      JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ id: '1', timestamp: 0, message }] }),
    );
    for (let time = 0; time < 2; time++)
      await local.call('aggregate-usage', { awslogs: { data: data.toString('base64') } });
  },
  UsageGetRole: async () => {
    const { prefix } = await create();
    begin();
    await local.call('get-usage', { prefix });
  },
};

/** The actions of Lambda with the function's role, besides logging: it sends failed batches. */
const BY_LAMBDA: Readonly<Record<string, readonly string[]>> = {
  UsageAggregatorRole: account.toQueue('UsageUncounted'),
};

/** Starts recording: the requests from here on come from the function. */
function begin(): void {
  proxy.uses.length = 0;
  gatewayCalls = [];
}

/** The IAM actions that a function used. */
async function askedBy(role: string): Promise<Asked[]> {
  await WORK[role]?.();
  const flushed = `DELETE /restapis/${SAMPLE_STAGE.apiId}/stages/${SAMPLE_STAGE.stageName}/cache/authorizers`;
  expect(gatewayCalls.filter((call) => call !== flushed)).toEqual([]);
  return [
    ...proxy.uses.map((use) => askedFor(use, arn)),
    ...gatewayCalls.map(() => ({ action: 'apigateway:DELETE', resource: gatewayArn(SAMPLE_CACHE) })),
  ];
}

/** `options.full.ts` covers these two, and the functions of owner suspension. */
const TRIED_ELSEWHERE = ['EventsAnnouncerRole', 'EventsPublisherRole'];
const WITHOUT_TABLE = ['KeysSettingsRole'];

describe('the role of each function', () => {
  it('the role of each function is covered by these tests', () => {
    expect(account.functionRoles.toSorted()).toEqual([...TRIED_ELSEWHERE, ...Object.keys(WORK)].toSorted());
  });

  it.each(Object.keys(WORK))(
    '%s: allows what its function does, and nothing else',
    { timeout: 120_000 },
    async (role) => {
      const policies = account.policiesOf(role);
      const asked = await askedBy(role);
      expect(asked.length > 0).toBe(!WITHOUT_TABLE.includes(role));
      for (const one of asked) expect(iamAllows(policies, one), `it does ${callOf(one)}`).toBe(true);

      await expectJustEnough(trial, role, asked, BY_LAMBDA[role]);
    },
  );

  it('allows the authorizer to write the last use, and no other attribute', () => {
    const policies = account.policiesOf('KeysAuthorizerRole');
    const mayWrite = (...attributes: string[]) =>
      iamAllows(policies, {
        action: 'dynamodb:UpdateItem',
        resource: arn.keys,
        context: attributes.length === 0 ? {} : { 'dynamodb:Attributes': attributes },
      });
    expect(mayWrite('prefix', 'lastUsedAt')).toBe(true);
    for (const attribute of ['revokedAt', 'expiresAt', 'digest', 'scopes', 'label', 'ttl'])
      expect(mayWrite('prefix', 'lastUsedAt', attribute), attribute).toBe(false);
    expect(mayWrite()).toBe(false);
  });

  it(
    'allows nothing of any other AWS service: all roles together, every action that there is',
    { timeout: 120_000 },
    async () => {
      const policies = Object.keys(WORK).flatMap((role) => account.policiesOf(role));
      const { tried, allowed } = await allowedOfAllServices(policies, arn.keys);
      expect(tried).toBeGreaterThan(15_000);
      expect(allowed).toEqual(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    },
  );
});
