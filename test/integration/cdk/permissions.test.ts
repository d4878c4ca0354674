import { randomBytes } from 'node:crypto';
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdminApi } from '../../../cdk/admin-api.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeyEvents } from '../../../cdk/key-events.ts';
import { KeysTable } from '../../../cdk/keys-table.ts';
import { LatchkeyStack } from '../../../cdk/latchkey-stack.ts';
import { createExpiryAnnouncer } from '../../../src/events/announce-expiries.ts';
import { create } from '../../../src/management/operations/create.ts';
import { disable, enable } from '../../../src/management/operations/disable.ts';
import { exportKeys } from '../../../src/management/operations/export.ts';
import { get } from '../../../src/management/operations/get.ts';
import { importKeys } from '../../../src/management/operations/import.ts';
import { list } from '../../../src/management/operations/list.ts';
import { owner, resume, suspend } from '../../../src/management/operations/owner.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import { revoke } from '../../../src/management/operations/revoke.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { update } from '../../../src/management/operations/update.ts';
import { verify } from '../../../src/management/operations/verify.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { ExpiryStore } from '../../../src/events/expiry-store.ts';
import { KEY_OPERATIONS, titleOf } from '../../../src/management/operations.ts';
import { attributesOf } from '../../support/permissions/attributes-of.ts';
import { testTable } from '../../support/storage/test-table.ts';
import { permissionsOf, type Permission } from './permissions.ts';
import { stackWithKeys, testApp } from '../../support/cdk/synth.ts';

const TABLE = '[KeysTable.Arn]';
const INDEXES = [`${TABLE}/index/byCreation`, `${TABLE}/index/byName`, `${TABLE}/index/byOwner`];
const NOTE_USE: Permission = {
  actions: ['dynamodb:UpdateItem'],
  resources: [TABLE],
  condition: {
    'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['prefix', 'lastUsedAt'] },
    Null: { 'dynamodb:Attributes': 'false' },
  },
};

const FLUSH_SAMPLE: Permission = {
  actions: ['apigateway:DELETE'],
  resources: ['arn:[AWS::Partition]:apigateway:[AWS::Region]::/restapis/[SampleApi]/stages/prod/cache/authorizers'],
};

const onTable = (...actions: string[]): Permission => ({ actions, resources: [TABLE] });
const SET_ASIDE = { actions: ['sqs:SendMessage'], resources: ['[EventsUnpublished.Arn]'] };
const PUT_EVENTS: Permission = {
  actions: ['events:PutEvents'],
  resources: ['arn:[AWS::Partition]:events:[AWS::Region]:[AWS::AccountId]:event-bus/default'],
};
const ownLog = (log: string): Permission => ({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resources: [`[${log}.Arn]`],
});

describe('each role has exactly the permissions that it needs', () => {
  it('the roles of the deployable stack have exactly these permissions', () => {
    expect(permissionsOf(Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey')))).toEqual({
      KeysAuthorizerRole: [ownLog('KeysAuthorizerLog'), onTable('dynamodb:GetItem'), NOTE_USE],
      KeysCreateRole: [ownLog('KeysCreateLog'), onTable('dynamodb:PutItem')],
      KeysGetRole: [ownLog('KeysGetLog'), onTable('dynamodb:GetItem')],
      KeysListRole: [
        ownLog('KeysListLog'),
        onTable('dynamodb:BatchGetItem'),
        { actions: ['dynamodb:Query'], resources: INDEXES },
      ],
      KeysUpdateRole: [ownLog('KeysUpdateLog'), onTable('dynamodb:GetItem', 'dynamodb:UpdateItem')],
      KeysRotateRole: [
        ownLog('KeysRotateLog'),
        onTable('dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
        FLUSH_SAMPLE,
      ],
      KeysRevokeRole: [ownLog('KeysRevokeLog'), onTable('dynamodb:GetItem', 'dynamodb:UpdateItem'), FLUSH_SAMPLE],
      KeysDisableRole: [ownLog('KeysDisableLog'), onTable('dynamodb:GetItem', 'dynamodb:UpdateItem'), FLUSH_SAMPLE],
      KeysEnableRole: [ownLog('KeysEnableLog'), onTable('dynamodb:GetItem', 'dynamodb:UpdateItem')],
      KeysVerifyRole: [ownLog('KeysVerifyLog'), onTable('dynamodb:GetItem')],
      KeysImportRole: [ownLog('KeysImportLog'), onTable('dynamodb:BatchGetItem', 'dynamodb:PutItem')],
      KeysExportRole: [
        ownLog('KeysExportLog'),
        onTable('dynamodb:BatchGetItem'),
        { actions: ['dynamodb:Query'], resources: [`${TABLE}/index/byCreation`] },
      ],
      KeysSettingsRole: [ownLog('KeysSettingsLog')],
      SampleEchoRole: [ownLog('SampleEchoLog'), { actions: ['dynamodb:UpdateItem'], resources: ['[LimitsTable.Arn]'] }],
      UsageAggregatorRole: [
        ownLog('UsageAggregatorLog'),
        { actions: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'], resources: ['[UsageTable.Arn]'] },
        {
          actions: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
          resources: ['[UsageUncounted.Arn]'],
        },
      ],
      UsageGetRole: [
        ownLog('UsageGetLog'),
        onTable('dynamodb:GetItem'),
        { actions: ['dynamodb:Query'], resources: ['[UsageTable.Arn]'] },
      ],
      EventsPublisherRole: [
        ownLog('EventsPublisherLog'),
        PUT_EVENTS,
        {
          actions: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
          resources: ['[EventsUnpublished.Arn]'],
        },
        onTable('dynamodb:GetItem'),
        {
          actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
          resources: ['[KeysTable.StreamArn]', '[LimitsTable.StreamArn]'],
        },
      ],
      EventsAnnouncerRole: [
        ownLog('EventsAnnouncerLog'),
        PUT_EVENTS,
        SET_ASIDE,
        onTable('dynamodb:BatchGetItem'),
        { actions: ['dynamodb:Query'], resources: [`${TABLE}/index/byExpiry`] },
        {
          ...onTable('dynamodb:GetItem', 'dynamodb:UpdateItem'),
          condition: {
            'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['#expiries#lk'] },
            Null: { 'dynamodb:LeadingKeys': 'false' },
          },
        },
      ],
      // One AWS managed policy: see below.
      ApiGatewayLogRole: [],
    });
  });

  it('only the role that serves all APIs of the account has a managed policy', () => {
    const roles = Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey')).findResources('AWS::IAM::Role');
    const managed = Object.entries(roles).filter(([, { Properties }]) => 'ManagedPolicyArns' in (Properties as object));
    expect(managed.map(([id]) => id)).toEqual([expect.stringMatching(/^ApiGatewayLogRole/)]);
    for (const { Properties } of Object.values(roles)) expect(Properties).not.toHaveProperty('Policies');
  });

  it('owner suspension adds access to the owner items of this label, and to no key', () => {
    const roles = permissionsOf(stackWithKeys({ label: 'partner', ownerSuspension: true }));
    const onOwners = (action: string): Permission => ({
      ...onTable(action),
      condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['owner#partner#*'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    });
    expect(roles['KeysOwnerRole']).toEqual([ownLog('KeysOwnerLog'), onOwners('dynamodb:GetItem')]);
    expect(roles['KeysSuspendRole']).toEqual([ownLog('KeysSuspendLog'), onOwners('dynamodb:UpdateItem')]);
    expect(roles['KeysResumeRole']).toEqual([ownLog('KeysResumeLog'), onOwners('dynamodb:UpdateItem')]);
    // The authorizer already has permission to read the items of owners.
    expect(roles['KeysAuthorizerRole']).toEqual(permissionsOf(stackWithKeys())['KeysAuthorizerRole']);
  });

  it('the authorizer has no write permission without lastUsedAt', () => {
    const { KeysAuthorizerRole } = permissionsOf(stackWithKeys({ lastUsedInterval: Duration.seconds(0) }));
    expect(KeysAuthorizerRole).toEqual([ownLog('KeysAuthorizerLog'), onTable('dynamodb:GetItem')]);
  });

  it('the authorizer can replace a digest if it accepts keys of djangorestframework-api-key', () => {
    const { KeysAuthorizerRole } = permissionsOf(stackWithKeys({ importedFormats: ['drf'] }));
    expect(KeysAuthorizerRole?.at(-1)?.condition).toEqual({
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['prefix', 'lastUsedAt', 'digest'] },
      Null: { 'dynamodb:Attributes': 'false' },
    });
    const { KeysAuthorizerRole: others } = permissionsOf(stackWithKeys({ importedFormats: ['better-auth'] }));
    expect(others?.at(-1)).toEqual(NOTE_USE);
  });

  it('the function for GitHub’s alerts can look up keys, and revoke them only if alerts revoke', () => {
    const roleOf = (leakedKeys: 'revoke' | 'report') =>
      permissionsOf(stackWithKeys({}, (_stack, keys) => void keys.secretScanningFunction(leakedKeys)))[
        'KeysSecretScanningRole'
      ];
    const log = ownLog('KeysSecretScanningLog');
    expect(roleOf('revoke')).toEqual([log, onTable('dynamodb:GetItem', 'dynamodb:UpdateItem')]);
    expect(roleOf('report')).toEqual([log, onTable('dynamodb:GetItem')]);
  });

  it('a customer managed key can be used only through DynamoDB, for reading or writing', () => {
    const stack = new Stack(testApp(), 'Consumer', { env: { region: 'eu-central-1' } });
    const table = new KeysTable(stack, 'KeysTable', {
      encryption: TableEncryptionV2.customerManagedKey(new Key(stack, 'Secret')),
    });
    new ApiKeys(stack, 'Keys', { table, lastUsedInterval: Duration.seconds(0) });
    const roles = permissionsOf(Template.fromStack(stack));
    const useKey = (...actions: string[]): Permission => ({
      actions,
      resources: ['[Secret.Arn]'],
      condition: {
        StringEquals: {
          'kms:ViaService': 'dynamodb.eu-central-1.amazonaws.com',
        },
      },
    });
    const reading = useKey('kms:Decrypt', 'kms:DescribeKey');
    const writing = useKey(
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    );
    const lastOf = (role: string) => roles[role]?.at(-1);
    for (const role of ['Authorizer', 'Get', 'List', 'Verify', 'Export'])
      expect(lastOf(`Keys${role}Role`), role).toEqual(reading);
    for (const role of ['Create', 'Update', 'Rotate', 'Revoke', 'Import'])
      expect(lastOf(`Keys${role}Role`), role).toEqual(writing);
  });

  it('tracing adds permission to write traces', () => {
    const { KeysGetRole } = permissionsOf(stackWithKeys({ tracing: true }));
    expect(KeysGetRole).toContainEqual({
      actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      resources: ['*'],
    });
  });
});

describe('grants', () => {
  const granted = (grant: (keys: ApiKeys, role: Role, stack: Stack) => void) =>
    permissionsOf(
      stackWithKeys({ ownerSuspension: true }, (stack, keys) => {
        grant(keys, new Role(stack, 'Grantee', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }), stack);
      }),
    )['Grantee'];

  it.each([
    ['Create', (keys: ApiKeys, role: Role) => keys.grantCreate(role)],
    ['Get', (keys: ApiKeys, role: Role) => keys.grantGet(role)],
    ['List', (keys: ApiKeys, role: Role) => keys.grantList(role)],
    ['Update', (keys: ApiKeys, role: Role) => keys.grantUpdate(role)],
    ['Rotate', (keys: ApiKeys, role: Role) => keys.grantRotate(role)],
    ['Revoke', (keys: ApiKeys, role: Role) => keys.grantRevoke(role)],
    ['Verify', (keys: ApiKeys, role: Role) => keys.grantVerify(role)],
    ['Import', (keys: ApiKeys, role: Role) => keys.grantImport(role)],
    ['Export', (keys: ApiKeys, role: Role) => keys.grantExport(role)],
    ['Settings', (keys: ApiKeys, role: Role) => keys.grantSettings(role)],
    ['Owner', (keys: ApiKeys, role: Role) => keys.grantOwner(role)],
    ['Suspend', (keys: ApiKeys, role: Role) => keys.grantSuspend(role)],
    ['Resume', (keys: ApiKeys, role: Role) => keys.grantResume(role)],
  ])('grant%s grants permission to invoke only that function', (operation, grant) => {
    const arn = `[Keys${operation}Function.Arn]`;
    expect(granted(grant)).toEqual([{ actions: ['lambda:InvokeFunction'], resources: [arn, `${arn}:$LATEST`] }]);
  });

  it.each(KEY_OPERATIONS)('grant(%j) grants permission to invoke only the function of that operation', (operation) => {
    const arn = `[Keys${titleOf(operation)}Function.Arn]`;
    expect(granted((keys, role) => keys.grant(operation, role))).toEqual([
      { actions: ['lambda:InvokeFunction'], resources: [arn, `${arn}:$LATEST`] },
    ]);
  });

  it('grantManage grants permission to call each route of the admin API', () => {
    const [statement, ...more] =
      granted((keys, role, stack) => new AdminApi(stack, 'Admin', { keys }).grantManage(role)) ?? [];
    expect(more).toEqual([]);
    expect(statement?.actions).toEqual(['execute-api:Invoke']);
    expect(statement?.resources.map((arn) => arn.replace(/^.*\[AdminApiDeploymentStageprod\]/, ''))).toEqual([
      '/GET/keys',
      '/GET/keys/*',
      '/GET/keys/*/usage',
      '/GET/owners/*',
      '/GET/settings',
      '/PATCH/keys/*',
      '/POST/keys',
      '/POST/keys/*/disable',
      '/POST/keys/*/enable',
      '/POST/keys/*/revoke',
      '/POST/keys/*/rotate',
      '/POST/owners/*/resume',
      '/POST/owners/*/suspend',
      '/POST/verify',
    ]);
  });
});

describe('each function uses exactly the DynamoDB permissions of its role', () => {
  let context: OperationContext;
  let keys: DynamoKeyStore;
  let calls: Set<string>;
  let inputs: Record<string, unknown>[];
  let table: Awaited<ReturnType<typeof testTable>>;
  const roles = permissionsOf(
    stackWithKeys({ ownerSuspension: true }, (stack, keys) => new KeyEvents(stack, 'Events', { keys })),
  );

  beforeAll(async () => {
    table = await testTable();
    const { client, tableName } = table;
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          const input = args.input as Record<string, unknown>;
          inputs.push(input);
          for (const call of callsOf(String(commandName), input)) calls.add(call);
          return next(args);
        },
      { step: 'initialize', priority: 'low' },
    );
    keys = new DynamoKeyStore({ client, tableName, retentionSeconds: 60 });
    context = {
      settings: {
        label: 'lk',
        importedFormats: [],
        retentionSeconds: 60,
        plans: {},
        restrictions: [],
        ownerSuspension: true,
      },
      keys,
      now: Date.now,
      randomBytes,
    };
  });

  function callsOf(command: string, input: Record<string, unknown>): string[] {
    if (command.startsWith('TransactWrite')) {
      const items = (input['TransactItems'] as Record<string, unknown>[]).flatMap(Object.keys);
      return items.map((item) => `dynamodb:${item}Item ${TABLE}`);
    }
    const action = command.replace(/^(Get|Put|Update|BatchGet)(?:Item)?Command$/, '$1Item').replace(/Command$/, '');
    const { IndexName } = input;
    return [`dynamodb:${action} ${TABLE}${typeof IndexName === 'string' ? `/index/${IndexName}` : ''}`];
  }

  function allowed(role: string): Set<string> {
    const statements = (roles[role] ?? []).filter(({ actions }) => actions[0]?.startsWith('dynamodb:'));
    return new Set(
      statements.flatMap(({ actions, resources }) => actions.flatMap((a) => resources.map((r) => `${a} ${r}`))),
    );
  }

  async function doing(work: () => Promise<unknown>): Promise<Set<string>> {
    calls = new Set();
    inputs = [];
    await work();
    return calls;
  }

  async function newKey() {
    calls = new Set();
    inputs = [];
    const { key, record } = await create(context, { name: 'a key', ownerId: 'acme' });
    return { key: key ?? '', prefix: record.prefix };
  }

  it('create uses exactly its permissions', async () => {
    expect(await doing(() => create(context, { name: 'a key', idempotencyToken: 'once' }))).toEqual(
      allowed('KeysCreateRole'),
    );
    // A retry, whose failed write returns the existing key.
    expect(await doing(() => create(context, { name: 'a key', idempotencyToken: 'once' }))).toEqual(
      allowed('KeysCreateRole'),
    );
  });

  it('get uses exactly its permissions', async () => {
    const { prefix } = await newKey();
    expect(await doing(() => get(context, { prefix }))).toEqual(allowed('KeysGetRole'));
  });

  it('list uses exactly its permissions', async () => {
    await newKey();
    const lists = await doing(async () => {
      for (const query of [{}, { ownerId: 'acme' }, { name: 'a' }]) await list(context, query);
    });
    expect(lists).toEqual(allowed('KeysListRole'));
  });

  it('update uses exactly its permissions', async () => {
    const { prefix } = await newKey();
    expect(await doing(() => update(context, { prefix, name: 'another' }))).toEqual(allowed('KeysUpdateRole'));
  });

  it('rotate uses exactly its permissions', async () => {
    const { prefix } = await newKey();
    expect(await doing(() => rotate(context, { prefix }))).toEqual(allowed('KeysRotateRole'));
  });

  it('revoke uses exactly its permissions', async () => {
    const { prefix } = await newKey();
    expect(await doing(() => revoke(context, { prefix }))).toEqual(allowed('KeysRevokeRole'));
  });

  it('disable and enable use exactly their permissions', async () => {
    const { prefix } = await newKey();
    expect(await doing(() => disable(context, { prefix }))).toEqual(allowed('KeysDisableRole'));
    expect(await doing(() => enable(context, { prefix }))).toEqual(allowed('KeysEnableRole'));
  });

  it('verify uses exactly its permissions', async () => {
    const { key } = await newKey();
    expect(await doing(() => verify(context, { key }))).toEqual(allowed('KeysVerifyRole'));
  });

  it.each([
    ['Owner', owner],
    ['Suspend', suspend],
    ['Resume', resume],
  ] as const)('%s uses only the partition key that its role is restricted to', async (name, operation) => {
    await suspend(context, { ownerId: 'acme' });
    expect(await doing(() => operation(context, { ownerId: 'acme' }))).toEqual(allowed(`Keys${name}Role`));
    for (const { Key } of inputs) expect(Key).toEqual({ prefix: 'owner#lk#acme' });
  });

  it('import uses exactly its permissions, as a dry run and with writes', async () => {
    await newKey();
    const { records } = await exportKeys(context, { limit: 1 });
    const again = { ...records[0], prefix: 'importedHere' };
    const imports = await doing(async () => {
      await importKeys(context, { records: [again], dryRun: true });
      await importKeys(context, { records: [again] });
    });
    expect(imports).toEqual(allowed('KeysImportRole'));
  });

  it('export uses exactly its permissions', async () => {
    await newKey();
    expect(await doing(() => exportKeys(context, {}))).toEqual(allowed('KeysExportRole'));
  });

  it('the announcer of expiries reads keys by expiry, and only its own progress item', async () => {
    const clock = { now: Date.now() };
    const announce = createExpiryAnnouncer({
      expiries: new ExpiryStore({ ...table, label: 'lk' }),
      keys,
      publish: () => Promise.resolve(),
      setAside: () => Promise.resolve(),
      noticeDays: [7],
      now: () => clock.now,
    });
    await create(context, { name: 'a key', expires: '1h' });
    const done = await doing(async () => {
      await announce(() => true);
      clock.now += 7_200_000;
      await announce(() => true);
    });
    expect(done).toEqual(allowed('EventsAnnouncerRole'));
    const items = inputs.flatMap(({ Key }) => Key ?? []);
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(item).toEqual({ prefix: '#expiries#lk' });
  });

  it('the authorizer replaces a digest with only the attributes that the condition names', async () => {
    const { prefix } = await newKey();
    await doing(() => keys.replaceDigest(prefix, 'from', 'to'));
    expect(new Set(inputs.flatMap(attributesOf))).toEqual(new Set(['prefix', 'digest']));
  });

  it('the authorizer looks up a key, and writes lastUsedAt with only the attributes that the condition names', async () => {
    const { prefix } = await newKey();
    const look = await doing(async () => {
      await keys.get(prefix);
      await keys.touch(prefix, Date.now(), 1000);
    });
    expect(look).toEqual(allowed('KeysAuthorizerRole'));
    const attributes = new Set(inputs.flatMap(attributesOf));
    expect(attributes).toEqual(new Set(['prefix', 'lastUsedAt']));
    expect(inputs.every((input) => (input['ReturnValues'] ?? 'NONE') === 'NONE')).toBe(true);
  });
});
