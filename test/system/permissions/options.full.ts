import { pbkdf2Sync } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { Duration, Stack } from 'aws-cdk-lib';
import { ApiKeySourceType, MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Template } from 'aws-cdk-lib/assertions';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeyEvents } from '../../../cdk/key-events.ts';
import { RateLimits } from '../../../cdk/rate-limits.ts';
import { UsagePlans } from '../../../cdk/usage-plans.ts';
import {
  DEFAULT_AUTHORIZER_SETTINGS,
  DEFAULT_EVENT_SETTINGS,
  DEFAULT_MANAGEMENT_SETTINGS,
  DEFAULT_SECRET_SCANNING_SETTINGS,
  EVENT_BUS_VARIABLE,
  UNPUBLISHED_QUEUE_VARIABLE,
  USAGE_PLANS_VARIABLE,
  type SecretScanningSettings,
} from '../../../src/gateway/settings.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { ExpiryStore } from '../../../src/events/expiry-store.ts';
import { stagesToEnvironment } from '../../../src/gateway/api-stage.ts';
import { settleTimeToEnvironment } from '../../../src/gateway/settle-time.ts';
import { SAMPLE_STAGE } from '../../../local/account.ts';
import type { LocalFunction } from '../../../local/lambda/local-function.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { builtFunction, type BuiltFunctionOptions } from '../../support/bundles/built-function.ts';
import { testApp } from '../../support/cdk/synth.ts';
import { FakeEventBus } from '../../support/events/fake-event-bus.ts';
import { fakeGitHub, type FakeGitHub } from '../../support/leaked-keys/fake-github.ts';
import { runningLocal, type RunningLocal } from '../../support/local/running.ts';
import { FakeApiGateway } from '../../support/usage-plans/fake-api-gateway.ts';
import { foreignKeyMade } from '../../support/secret-search/foreign-keys.ts';
import { localConnection } from '../../support/storage/test-table.ts';
import { streamReader } from '../../support/events/stream-reader.ts';
import { busArn, DeployedRoles, gatewayArn, iamAllows, type Asked } from './account.ts';
import { recordingProxy } from './recording-proxy.ts';
import {
  allowedOf,
  allowedOfAllServices,
  askedFor,
  callOf,
  contextOf,
  everything,
  expectJustEnough,
  LEADING_KEYS,
} from './trial.ts';

/**
 * Like `roles.test.ts`, with the options that the deployable stack doesn't use: owner suspension, imported keys, usage
 * plans, limits in the authorizer, GitHub's alerts, a read-only replica, and events.
 */
const PLANS = { free: { rate: '10/s' }, pro: { rate: '100/s' } };

function deployed(): Template {
  const stack = new Stack(testApp(), 'Options');
  const limits = new RateLimits(stack, 'Limits');
  const keys = new ApiKeys(stack, 'Keys', {
    plans: PLANS,
    usagePlans: true,
    ownerSuspension: true,
    importedFormats: ['drf'],
  });
  keys.secretScanningFunction('revoke');
  const api = new RestApi(stack, 'Api', { apiKeySourceType: ApiKeySourceType.AUTHORIZER, cloudWatchRole: false });
  api.root.addMethod('GET', new MockIntegration(), { authorizer: keys.restAuthorizer(), apiKeyRequired: true });
  new UsagePlans(stack, 'UsagePlans', { keys, stages: [api.deploymentStage] });
  new KeyEvents(stack, 'Events', { keys, limits });

  const { table } = keys;
  // Another kind of key in the same table.
  const limited = { table, label: 'lk2', rateLimits: limits, cacheTtl: Duration.seconds(0), ownerSuspension: true };
  new ApiKeys(stack, 'Limited', limited).secretScanningFunction('report');
  new ApiKeys(stack, 'Reading', { table, readOnly: true, ownerSuspension: true });
  return Template.fromStack(stack);
}

const account = new DeployedRoles(deployed());
const tables = {
  keys: account.arnOf('AWS::DynamoDB::GlobalTable', 'KeysTable'),
  limits: account.arnOf('AWS::DynamoDB::GlobalTable', 'LimitsTable'),
};
const streams = {
  keys: account.arnOf('AWS::DynamoDB::GlobalTable', 'KeysTable', 'StreamArn'),
  limits: account.arnOf('AWS::DynamoDB::GlobalTable', 'LimitsTable', 'StreamArn'),
};
const CACHE = `/restapis/${account.idOf('AWS::ApiGateway::RestApi', 'Api')}/stages/prod/cache/authorizers`;
const USAGE_PLANS = {
  free: account.idOf('AWS::ApiGateway::UsagePlan', 'UsagePlansPlanfree'),
  pro: account.idOf('AWS::ApiGateway::UsagePlan', 'UsagePlansPlanpro'),
};
/** The ID that API Gateway gave to a key. It is only known at run time. */
const KEY_ID = 'abcdefghij';
const trial = {
  account,
  tables,
  gatewayPaths: [
    CACHE,
    CACHE.replace('/prod/', '/dev/'),
    ...Object.values(USAGE_PLANS).flatMap((id) =>
      ['', '/keys', `/keys/${KEY_ID}`, '/usage'].map((more) => `/usageplans/${id}${more}`),
    ),
  ],
};

let local: RunningLocal;
let proxy: Awaited<ReturnType<typeof recordingProxy>>;
let gitHub: FakeGitHub;
const bus = new FakeEventBus();
const gateway = new FakeApiGateway(Object.values(USAGE_PLANS));
const endpoints = { bus: '', gateway: '' };
/** Calls to API Gateway's management API. */
let gatewayCalls: { readonly method: string; readonly path: string }[] = [];
let keyChanges: () => Promise<DynamoDBRecord[]>;
let limitChanges: () => Promise<DynamoDBRecord[]>;
const functions: LocalFunction[] = [];

beforeAll(async () => {
  proxy = await recordingProxy(inject('dynamodbEndpoint'));
  subscribe('http.server.request.start', (message) => {
    const { method = '', url = '' } = (message as { request: IncomingMessage }).request;
    const [path = ''] = url.split('?');
    if (/^\/(?:restapis|apikeys|usageplans)(?:\/|$)/.test(path)) gatewayCalls.push({ method, path });
  });
  local = await runningLocal({
    dynamodbEndpoint: proxy.endpoint,
    authorizer: { ownerSuspension: true, importedFormats: ['drf'], plans: PLANS, usagePlans: true },
  });
  [gitHub, endpoints.bus, endpoints.gateway] = await Promise.all([fakeGitHub(), bus.start(), gateway.start()]);
  [keyChanges, limitChanges] = await Promise.all([streamReader(local.table), streamReader(`${local.table}-limits`)]);
});
afterAll(async () => {
  await Promise.all([local, gitHub, bus, gateway, ...functions].map((one) => one.stop()));
  proxy.stop();
});

/** A function that the local server doesn't run. */
function built(name: string, options: Pick<BuiltFunctionOptions, 'settings' | 'variables'>) {
  const made = builtFunction({
    name,
    tableName: local.table,
    endpoint: proxy.endpoint,
    log: () => undefined,
    // The expiry announcer starts no page in the last 30 seconds of its timeout.
    timeoutMs: 60_000,
    ...options,
  });
  functions.push(made);
  return async (event: object): Promise<unknown> => {
    const outcome = await made.invoke(JSON.stringify(event));
    if (!outcome.ok) throw new Error(outcome.error.errorMessage);
    return JSON.parse(outcome.payload);
  };
}

const create = async (more: object = {}) => local.key({ name: 'a key', ownerId: 'acme', ...more } as { name: string });

/** Starts recording: the requests from here on come from the function. */
function begin(): void {
  proxy.uses.length = 0;
  gatewayCalls = [];
  bus.taken.length = 0;
}

const updated = (attribute: string) => () =>
  proxy.uses.some(({ action, attributes }) => action === 'dynamodb:UpdateItem' && attributes.includes(attribute));

/** A key of djangorestframework-api-key with a slow hash. */
async function importedKey(): Promise<string> {
  const key = `abcdefgh.${Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex')}`;
  foreignKeyMade(key);
  const hash = pbkdf2Sync(key, 'salt', 1000, 32, 'sha256').toString('base64');
  await create();
  const { records } = (await local.call('export-keys', { limit: 1 })) as { records: object[] };
  const record = {
    ...records[0],
    prefix: 'drf.abcdefgh',
    digest: `pbkdf2_sha256$1000$salt$${hash}`,
    importedFrom: 'drf',
  };
  expect(await local.call('import-keys', { records: [record] })).toMatchObject({
    outcomes: [{ outcome: 'imported' }],
  });
  return key;
}

function scanning(leakedKeys: SecretScanningSettings['leakedKeys']) {
  const settings = { ...DEFAULT_MANAGEMENT_SETTINGS, ...DEFAULT_SECRET_SCANNING_SETTINGS, leakedKeys };
  const scan = built('secret-scanning', {
    settings: { ...settings, gitHubKeysUrl: gitHub.url },
    variables: {
      AWS_ENDPOINT_URL_API_GATEWAY: endpoints.gateway,
      ...(leakedKeys === 'revoke' && { ...stagesToEnvironment([SAMPLE_STAGE]), ...settleTimeToEnvironment(300) }),
    },
  });
  return async () => {
    const { key } = await create();
    begin();
    const token = { token: key, type: 'lk', url: 'https://github.com/a/b' };
    const answer = await scan(gitHub.alert([token, { ...token, token: 'no key' }]));
    expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('true_positive') as string });
  };
}

/** Uses a key until its limit is reached and recorded. */
async function exhaust(): Promise<void> {
  const { key } = await create({ limits: { rate: '2/h' } });
  begin();
  for (let call = 0; call < 4; call++)
    await local.call('limiting-authorizer', restEvent({ headers: { 'x-api-key': key } }));
  await expect.poll(updated('lastUsedAt')).toBe(true);
  await expect.poll(updated('limit')).toBe(true);
}

const WORK: Readonly<Record<string, () => Promise<unknown>>> = {
  KeysAuthorizerRole: async () => {
    const [{ key }, imported] = [await create(), await importedKey()];
    begin();
    for (const one of [key, imported]) await local.call('authorizer', restEvent({ headers: { 'x-api-key': one } }));
    for (const attribute of ['lastUsedAt', 'digest']) await expect.poll(updated(attribute)).toBe(true);
    expect(proxy.uses.flatMap(({ leadingKeys }) => leadingKeys)).toContain('owner#lk#acme');
  },
  ReadingAuthorizerRole: async () => {
    const { key } = await create();
    const settings = { ...DEFAULT_AUTHORIZER_SETTINGS, ownerSuspension: true, lastUsedIntervalSeconds: 0 };
    const authorize = built('authorizer', { settings });
    begin();
    await authorize(restEvent({ headers: { 'x-api-key': key } }));
  },
  LimitedAuthorizerRole: exhaust,
  KeysOwnerRole: async () => {
    begin();
    await local.call('get-owner', { ownerId: 'acme' });
  },
  KeysSuspendRole: async () => {
    begin();
    for (let time = 0; time < 2; time++) await local.call('suspend-owner', { ownerId: 'another' });
  },
  KeysResumeRole: async () => {
    await local.call('suspend-owner', { ownerId: 'another' });
    begin();
    await local.call('resume-owner', { ownerId: 'another' });
    expect(await local.call('resume-owner', { ownerId: 'another' })).toMatchObject({
      error: { code: 'not_suspended' },
    });
  },
  KeysSecretScanningRole: () => scanning('revoke')(),
  LimitedSecretScanningRole: () => scanning('report')(),
  UsagePlansSyncRole: async () => {
    const sync = built('sync-usage-plan', {
      settings: DEFAULT_MANAGEMENT_SETTINGS,
      variables: {
        [USAGE_PLANS_VARIABLE]: JSON.stringify(USAGE_PLANS),
        AWS_ENDPOINT_URL_API_GATEWAY: endpoints.gateway,
      },
    });
    await keyChanges();
    begin();
    const ofSync: typeof proxy.uses = [];
    const step = async (work: () => Promise<unknown>) => {
      await work();
      const Records = await keyChanges();
      expect(Records.length).toBeGreaterThan(0);
      const before = proxy.uses.length;
      expect(await sync({ Records })).toEqual({ batchItemFailures: [] });
      ofSync.push(...proxy.uses.slice(before));
    };
    let prefix = '';
    await step(async () => ({ prefix } = await create({ plan: 'free' })));
    for (const plan of ['pro', 'free']) await step(() => local.call('update-key', { prefix, plan }));
    await step(() => local.call('revoke-key', { prefix }));
    expect(gateway.state()).toEqual({});
    proxy.uses.splice(0, proxy.uses.length, ...ofSync);
    // The note of the function that revoked it.
    gatewayCalls = gatewayCalls.filter(({ path }) => !path.startsWith('/restapis/'));
  },
  EventsPublisherRole: async () => {
    const publish = built('publish-events', {
      settings: DEFAULT_EVENT_SETTINGS,
      variables: {
        [EVENT_BUS_VARIABLE]: 'default',
        [UNPUBLISHED_QUEUE_VARIABLE]: 'https://sqs.us-east-1.amazonaws.com/123456789012/unpublished',
        AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.bus,
      },
    });
    await exhaust();
    const notes = (await limitChanges()).filter(({ dynamodb }) => dynamodb?.NewImage?.['limit'] !== undefined);
    expect(notes.length).toBeGreaterThan(0);
    const Records = [...(await keyChanges()), ...notes];
    begin();
    expect(await publish({ Records })).toEqual({ batchItemFailures: [] });
    const types = bus.taken.map(({ DetailType }) => DetailType);
    expect(types).toEqual(expect.arrayContaining(['API Key Created', 'API Key Limit Reached']));
  },
  EventsAnnouncerRole: async () => {
    const announce = built('announce-expiries', {
      settings: DEFAULT_EVENT_SETTINGS,
      variables: {
        [EVENT_BUS_VARIABLE]: 'default',
        [UNPUBLISHED_QUEUE_VARIABLE]: 'https://sqs.us-east-1.amazonaws.com/123456789012/unpublished',
        AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.bus,
      },
    });
    await create({ expires: '1h' });
    begin();
    // The first run only records where it starts. The second run comes much later.
    await announce({});
    const client = documentClient(localConnection());
    await new ExpiryStore({ client, tableName: local.table, label: 'lk' }).moveTo('7d', { expiresAt: 1 });
    client.destroy();
    await announce({});
    expect(bus.taken.map(({ DetailType }) => DetailType)).toContain('API Key Expiring');
  },
};

/** The actions of Lambda with the function's role, besides logging: it reads streams, and sends failed events. */
const BY_LAMBDA: Readonly<Record<string, readonly string[]>> = {
  UsagePlansSyncRole: [...reading(streams.keys), ...account.toQueue('UsagePlansNotInStep')],
  EventsPublisherRole: [...reading(streams.keys), ...reading(streams.limits), ...account.toQueue('EventsUnpublished')],
  // For events that EventBridge rejects: test/integration/events/announce-expiries.test.ts.
  EventsAnnouncerRole: [`sqs:SendMessage ${account.arnOf('AWS::SQS::Queue', 'EventsUnpublished')}`],
};

function reading(stream: string): string[] {
  return ['DescribeStream', 'GetRecords', 'GetShardIterator'].map((action) => `dynamodb:${action} ${stream}`);
}

/** The IAM actions that a function used. */
async function askedBy(role: string): Promise<Asked[]> {
  await WORK[role]?.();
  const flushed = `/restapis/${SAMPLE_STAGE.apiId}/stages/${SAMPLE_STAGE.stageName}/cache/authorizers`;
  return [
    ...proxy.uses.map((use) => askedFor(use, tables)),
    ...gatewayCalls.map(({ method, path }) => ({
      action: `apigateway:${method}`,
      resource: gatewayArn(path === flushed ? CACHE : path.replace(/(?<=\/(?:api)?keys\/).+/, KEY_ID)),
    })),
    ...bus.taken.map(({ EventBusName }) => ({ action: 'events:PutEvents', resource: busArn(EventBusName) })),
  ];
}

/** Actions limited to certain partition keys: one item, or the owners of one kind of key. */
const CONFINED: Readonly<Record<string, readonly [action: string, mayReach: (key: string) => boolean][]>> = {
  KeysOwnerRole: [['dynamodb:GetItem', ofOwner('lk')]],
  KeysSuspendRole: [['dynamodb:UpdateItem', ofOwner('lk')]],
  KeysResumeRole: [['dynamodb:UpdateItem', ofOwner('lk')]],
  LimitedOwnerRole: [['dynamodb:GetItem', ofOwner('lk2')]],
  LimitedSuspendRole: [['dynamodb:UpdateItem', ofOwner('lk2')]],
  LimitedResumeRole: [['dynamodb:UpdateItem', ofOwner('lk2')]],
  ReadingOwnerRole: [['dynamodb:GetItem', ofOwner('lk')]],
  EventsAnnouncerRole: [
    ['dynamodb:GetItem', (key) => key === '#expiries#lk'],
    ['dynamodb:UpdateItem', (key) => key === '#expiries#lk'],
  ],
};

function ofOwner(label: string) {
  return (key: string) => key.startsWith(`owner#${label}#`);
}

describe('the role of each function, with all options', () => {
  it.each(Object.keys(WORK))(
    '%s: allows what its function does, and nothing else',
    { timeout: 120_000 },
    async (role) => {
      const policies = account.policiesOf(role);
      const asked = await askedBy(role);
      expect(asked.length).toBeGreaterThan(0);
      for (const one of asked)
        expect(iamAllows(policies, one), `it does ${callOf(one)} ${JSON.stringify(one.context)}`).toBe(true);

      await expectJustEnough(trial, role, asked, BY_LAMBDA[role]);
    },
  );

  it.each(Object.entries(CONFINED))('%s can only access the items that it needs', (role, confined) => {
    const policies = account.policiesOf(role);
    for (const [action, mayReach] of confined) {
      const reached = LEADING_KEYS.filter((leadingKeys) =>
        iamAllows(policies, { action, resource: tables.keys, context: contextOf(['prefix'], leadingKeys) }),
      );
      expect(reached.length).toBeGreaterThan(0);
      expect(reached, action).toEqual(LEADING_KEYS.filter((keys) => keys.length > 0 && keys.every(mayReach)));
    }
  });

  it.each(['Suspend', 'Resume', 'Create', 'Update', 'Revoke', 'Rotate', 'Import', 'Authorizer'])(
    'where keys are only read, %s writes nothing',
    async (name) => {
      const role = `Reading${name}Role`;
      const allowed = allowedOf(account.policiesOf(role), await everything(trial, role));
      const writes = allowed.filter(({ action }) => /^dynamodb:(?!(?:Batch)?Get|Query)/.test(action));
      expect(writes).toEqual([]);
    },
  );

  it('allows the authorizer to write the last use and the hash, and no other attribute', () => {
    const policies = account.policiesOf('KeysAuthorizerRole');
    const mayWrite = (...attributes: string[]) =>
      iamAllows(policies, {
        action: 'dynamodb:UpdateItem',
        resource: tables.keys,
        context: contextOf(attributes, ['AAAAAAAAAAAA']),
      });
    for (const attribute of ['lastUsedAt', 'digest']) expect(mayWrite('prefix', attribute), attribute).toBe(true);
    for (const attribute of ['revokedAt', 'expiresAt', 'scopes', 'label', 'ttl', 'suspendedAt'])
      expect(mayWrite('prefix', 'digest', attribute), attribute).toBe(false);
    expect(mayWrite()).toBe(false);
  });

  it('allows no action of any other AWS service', { timeout: 120_000 }, async () => {
    const policies = Object.keys(WORK).flatMap((role) => account.policiesOf(role));
    const { tried, allowed } = await allowedOfAllServices(policies, tables.keys);
    expect(tried).toBeGreaterThan(15_000);
    // A suspension is written to the item of the owner in the request. This request has no owner.
    expect(allowed).toEqual(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem']);
  });
});
