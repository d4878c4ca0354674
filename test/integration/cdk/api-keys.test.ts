import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LambdaRestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, it } from 'vitest';
import type { ApiKeysProps } from '../../../cdk/api-keys-props.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeysTable } from '../../../cdk/keys-table.ts';
import { idOf, only, resourcesOf, someFunction, stackWithKeys, testApp } from '../../support/cdk/synth.ts';

const ENTRIES = [
  ...[
    'Authorizer',
    'Create',
    'Get',
    'List',
    'Update',
    'Rotate',
    'Revoke',
    'Disable',
    'Enable',
    'Verify',
    'Import',
    'Export',
  ],
  'Settings',
];
const OWNER_OPERATIONS = ['owner', 'suspend', 'resume'] as const;

function functionsOf(template: Template) {
  return Object.entries(resourcesOf(template)).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
}

function settingsOf(template: Template, idStart: string): unknown {
  const { Environment } = only(template, 'AWS::Lambda::Function', idStart) as {
    Environment: { Variables: { LATCHKEY_SETTINGS: string } };
  };
  return JSON.parse(Environment.Variables.LATCHKEY_SETTINGS);
}

describe('functions', () => {
  const template = stackWithKeys();

  it('has the authorizer and one function for each operation; those on owners only if ownerSuspension is on', () => {
    const namesIn = (one: Template) => functionsOf(one).map(([id]) => id.replace(/^Keys(\w+)Function\w{8}$/, '$1'));
    expect(namesIn(template)).toEqual(ENTRIES);
    expect(namesIn(stackWithKeys({ ownerSuspension: true }))).toEqual([...ENTRIES, 'Owner', 'Suspend', 'Resume']);
  });

  it.each(OWNER_OPERATIONS)(
    'functions fail with an error that names the prop: %s without ownerSuspension',
    (operation) => {
      const keys = new ApiKeys(new Stack(testApp(), 'Consumer'), 'Keys');
      const message = `Consumer/Keys has no function for the operation "${operation}", which requires ownerSuspension: true`;
      expect(() => keys.functions[operation]).toThrow(message);
      expect(() => keys.httpFunction(operation)).toThrow(message);
      expect(() => keys.grant(operation, new Role(keys, 'Role', { assumedBy: new AccountRootPrincipal() }))).toThrow(
        message,
      );
      expect(keys.operations).not.toContain(operation);
      expect(Object.keys(keys.functions)).toEqual(keys.operations);
    },
  );

  it.each(ENTRIES)(
    'functions run their own bundle on Node 24 and arm64, and keep their own log for a year: %s',
    (entry) => {
      expect(only(template, 'AWS::Lambda::Function', `Keys${entry}`)).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: 512,
        LoggingConfig: { LogGroup: { Ref: idOf(`Keys${entry}Log`) } },
        Role: { 'Fn::GetAtt': [idOf(`Keys${entry}Role`), 'Arn'] },
        Environment: { Variables: { LATCHKEY_TABLE: { Ref: idOf('KeysTable') } } },
      });
      expect(only(template, 'AWS::Lambda::Function', `Keys${entry}`)).not.toHaveProperty('TracingConfig');
      expect(only(template, 'AWS::Logs::LogGroup', `Keys${entry}`)).toMatchObject({ RetentionInDays: 365 });
    },
  );

  it('functions have different bundles', () => {
    const bundles = functionsOf(template).map(([, { Properties }]) => JSON.stringify(Properties?.['Code']));
    expect(new Set(bundles).size).toBe(ENTRIES.length);
  });

  it('functions have the default settings', () => {
    expect(settingsOf(template, 'KeysAuthorizer')).toEqual({
      label: 'lk',
      importedFormats: [],
      keySources: [{ header: 'x-api-key' }],
      unscopedKeys: 'whole-stage',
      restrictions: [],
      plans: {},
      usagePlans: false,
      ownerSuspension: false,
      contextMetadata: [],
      httpResponse: 'iam',
      lastUsedIntervalSeconds: 3600,
      lookupTimeoutMs: 3000,
      recordCacheSeconds: 0,
    });
    expect(settingsOf(template, 'KeysCreate')).toEqual({
      label: 'lk',
      importedFormats: [],
      retentionSeconds: 90 * 86_400,
      plans: {},
      ownerSuspension: false,
      restrictions: [],
      contextMetadata: [],
    });
  });

  it('functions have the settings that the props set', () => {
    const other = stackWithKeys({
      label: 'acme_live',
      importedFormats: ['drf', 'unkey'],
      keySources: [{ header: 'Authorization', scheme: 'Api-Key' }],
      unscopedKeys: 'nothing',
      contextMetadata: ['plan'],
      httpResponse: 'simple',
      lastUsedInterval: Duration.minutes(5),
      cacheTtl: Duration.seconds(0),
      recordCache: Duration.minutes(1),
      retention: Duration.days(1),
      memorySize: 1024,
      logRetention: RetentionDays.ONE_WEEK,
      tracing: true,
    });
    expect(settingsOf(other, 'KeysAuthorizer')).toMatchObject({
      label: 'acme_live',
      importedFormats: ['drf', 'unkey'],
      keySources: [{ header: 'Authorization', scheme: 'Api-Key' }],
      unscopedKeys: 'nothing',
      contextMetadata: ['plan'],
      httpResponse: 'simple',
      lastUsedIntervalSeconds: 300,
      recordCacheSeconds: 60,
    });
    expect(settingsOf(other, 'KeysRevoke')).toEqual({
      label: 'acme_live',
      importedFormats: ['drf', 'unkey'],
      retentionSeconds: 86_400,
      plans: {},
      ownerSuspension: false,
      unscopedKeys: 'nothing',
      restrictions: [],
      contextMetadata: ['plan'],
    });
    other.allResourcesProperties('AWS::Lambda::Function', { MemorySize: 1024, TracingConfig: { Mode: 'Active' } });
    other.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });

  it('functions use the table of the props, and create none', () => {
    const stack = new Stack(testApp(), 'Consumer');
    const table = Table.fromTableName(stack, 'Shared', 'shared-keys');
    new ApiKeys(stack, 'Keys', { table });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::GlobalTable', 0);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ LATCHKEY_TABLE: 'shared-keys' }) },
    });
  });

  it('functions exist for two kinds of key in one stack, on one table', () => {
    const stack = new Stack(testApp(), 'Consumer');
    const table = new KeysTable(stack, 'Table');
    new ApiKeys(stack, 'Live', { table, label: 'live' });
    new ApiKeys(stack, 'Test', { table, label: 'test' });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::GlobalTable', 1);
    expect(settingsOf(template, 'LiveCreate')).toMatchObject({ label: 'live' });
    expect(settingsOf(template, 'TestCreate')).toMatchObject({ label: 'test' });
  });
});

const ONE_HEADER: ApiKeysProps = {};
const ONE_QUERY: ApiKeysProps = { keySources: [{ query: 'api_key' }] };
const TWO_SCHEMES: ApiKeysProps = {
  keySources: [
    { header: 'Authorization', scheme: 'Api-Key' },
    { header: 'authorization', scheme: 'Bearer' },
  ],
};
const SEVERAL: ApiKeysProps = { keySources: [{ header: 'X-Acme-Key' }, { query: 'api_key' }] };

describe('restAuthorizer', () => {
  const authorizer = (props: ApiKeysProps) =>
    only(
      stackWithKeys(props, (stack, keys) => {
        const defaultMethodOptions = { authorizer: keys.restAuthorizer() };
        new LambdaRestApi(stack, 'Api', { handler: someFunction(stack), defaultMethodOptions });
      }),
      'AWS::ApiGateway::Authorizer',
    );

  it.each([
    ['a header', ONE_HEADER, 'method.request.header.x-api-key'],
    ['a query parameter', ONE_QUERY, 'method.request.querystring.api_key'],
    ['one header with two schemes', TWO_SCHEMES, 'method.request.header.Authorization'],
  ])('caches for a minute by %s', (_place, props, source) => {
    expect(authorizer(props)).toMatchObject({
      Type: 'REQUEST',
      IdentitySource: source,
      AuthorizerResultTtlInSeconds: 60,
    });
  });

  it('caches nothing if the key can be in several places, and requires only the source IP address', () => {
    expect(authorizer(SEVERAL)).toMatchObject({
      Type: 'REQUEST',
      IdentitySource: 'context.identity.sourceIp',
      AuthorizerResultTtlInSeconds: 0,
    });
  });

  it('caches for cacheTtl, or not at all', () => {
    expect(authorizer({ cacheTtl: Duration.hours(1) })).toMatchObject({ AuthorizerResultTtlInSeconds: 3600 });
    expect(authorizer({ cacheTtl: Duration.seconds(0) })).toMatchObject({
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: 'method.request.header.x-api-key',
    });
  });

  it('creates one authorizer for each API', () => {
    const template = stackWithKeys({}, (stack, keys) => {
      const handler = someFunction(stack);
      for (const id of ['One', 'Two']) {
        new LambdaRestApi(stack, id, {
          handler,
          defaultMethodOptions: { authorizer: keys.restAuthorizer() },
        });
      }
    });
    template.resourceCountIs('AWS::ApiGateway::Authorizer', 2);
  });
});

describe('httpAuthorizer', () => {
  const authorizer = (props: ApiKeysProps) =>
    only(
      stackWithKeys(props, (stack, keys) => {
        new HttpApi(stack, 'Api', {
          defaultIntegration: new HttpLambdaIntegration('Handler', someFunction(stack)),
          defaultAuthorizer: keys.httpAuthorizer(),
        });
      }),
      'AWS::ApiGatewayV2::Authorizer',
    );

  it('caches a policy for the key', () => {
    const policy = authorizer(ONE_HEADER);
    expect(policy).toMatchObject({
      AuthorizerType: 'REQUEST',
      IdentitySource: ['$request.header.x-api-key'],
      AuthorizerResultTtlInSeconds: 60,
    });
    expect(policy).not.toHaveProperty('EnableSimpleResponses');
  });

  it('caches a simple response for one method and path', () => {
    expect(authorizer({ ...ONE_QUERY, httpResponse: 'simple' })).toMatchObject({
      EnableSimpleResponses: true,
      AuthorizerPayloadFormatVersion: '2.0',
      IdentitySource: ['$request.querystring.api_key', '$context.httpMethod', '$context.path'],
      AuthorizerResultTtlInSeconds: 60,
    });
  });

  it.each([
    ['in several places', 'iam', SEVERAL],
    ['in several places', 'simple', SEVERAL],
    ['in a cookie', 'iam', { keySources: [{ cookie: 'api_key' }] }],
    ['in a cookie', 'simple', { keySources: [{ cookie: 'api_key' }], cacheTtl: Duration.minutes(1) }],
  ] as const)('caches nothing if the key can be %s, with %s responses', (_place, httpResponse, props) => {
    expect(authorizer({ ...props, httpResponse })).toMatchObject({
      IdentitySource: ['$context.identity.sourceIp'],
      AuthorizerResultTtlInSeconds: 0,
    });
  });
});

describe('webSocketAuthorizer', () => {
  const authorizer = (props: ApiKeysProps) =>
    only(
      stackWithKeys(props, (stack, keys) => {
        new WebSocketApi(stack, 'Api', {
          connectRouteOptions: {
            integration: new WebSocketLambdaIntegration('Handler', someFunction(stack)),
            authorizer: keys.webSocketAuthorizer(),
          },
        });
      }),
      'AWS::ApiGatewayV2::Authorizer',
    );

  it.each([
    ['in a header', ONE_HEADER],
    ['in a query parameter', ONE_QUERY],
    ['in several places', SEVERAL],
  ])('requires only the source IP address when the key is %s', (_place, props) => {
    const one = authorizer(props);
    expect(one).toMatchObject({ AuthorizerType: 'REQUEST', IdentitySource: ['context.identity.sourceIp'] });
    expect(one).not.toHaveProperty('AuthorizerResultTtlInSeconds');
  });
});

it('allows only the API of an authorizer to invoke the function', () => {
  const template = stackWithKeys({}, (stack, keys) => {
    const defaultMethodOptions = { authorizer: keys.restAuthorizer() };
    new LambdaRestApi(stack, 'Api', { handler: someFunction(stack), defaultMethodOptions });
  });
  expect(only(template, 'AWS::Lambda::Permission', 'ApiConsumerKeys')).toMatchObject({
    Principal: 'apigateway.amazonaws.com',
    SourceArn: {
      'Fn::Join': [
        '',
        expect.arrayContaining([{ Ref: expect.stringMatching(/^ApiConsumerKeys\w+Authorizer/) as string }]),
      ],
    },
  });
});

it('gives no resource a physical name that could already exist', () => {
  const names = ['TableName', 'GlobalTableName', 'RoleName', 'LogGroupName', 'ManagedPolicyName'];
  for (const [id, { Type, Properties = {} }] of Object.entries(resourcesOf(stackWithKeys()))) {
    for (const name of names) expect(Properties, id).not.toHaveProperty(name);
    if (Type === 'AWS::Lambda::Function') expect(Properties, id).not.toHaveProperty('FunctionName');
  }
});

describe('props that are not valid', () => {
  const header = { header: 'x-api-key' };
  const UNCACHED: ApiKeysProps = { cacheTtl: Duration.seconds(0) };
  it.each<[string, ApiKeysProps, RegExp]>([
    ['an unknown format', { importedFormats: ['ouath' as 'drf'] }, /importedFormats contains "ouath".*better-auth/],
    ['a label', { label: 'Acme Live' }, /label "Acme Live".*lower-case letters/],
    ['no key source', { keySources: [] }, /keySources is empty/],
    [
      'a header',
      { keySources: [{ header: 'x api key' }] },
      /keySources contains the name "x api key".*letters, digits/,
    ],
    ['a query parameter', { keySources: [{ query: 'a&b' }] }, /keySources contains the name "a&b"/],
    ['a scheme', { keySources: [{ header: 'authorization', scheme: 'Api Key' }] }, /"Api Key".*one word/],
    ['a place twice', { keySources: [header, { header: 'X-API-Key' }] }, /"X-API-Key".*more than once/],
    ['a header with a scheme and without', { keySources: [{ ...header, scheme: 'Key' }, header] }, /more than once/],
    ['a header without a scheme and with', { keySources: [header, { ...header, scheme: 'Key' }] }, /more than once/],
    [
      'a scheme twice',
      {
        keySources: [
          { ...header, scheme: 'Key' },
          { ...header, scheme: 'key' },
        ],
      },
      /more than once/,
    ],
    [
      'a cache TTL of more than an hour',
      { cacheTtl: Duration.seconds(3601) },
      /cacheTtl is 3601 seconds\. Use 0 to 3600/,
    ],
    [
      'a cache TTL with several key sources',
      { ...SEVERAL, cacheTtl: Duration.seconds(1) },
      /cacheTtl must be 0 when a request can contain the key in several places\. .* caches by identity source/,
    ],
    [
      'a record cache of more than a minute',
      { ...UNCACHED, recordCache: Duration.seconds(61) },
      /recordCache is 61 seconds\. Use 0 to 60/,
    ],
    [
      'a record cache of half a second',
      { ...UNCACHED, recordCache: Duration.millis(500) },
      /recordCache is 0\.5 seconds\. .* whole seconds/,
    ],
    [
      'a record cache with stages that are flushed',
      { recordCache: Duration.seconds(1) },
      /recordCache needs a cacheTtl of Duration.seconds\(0\), or flushOnRevoke: false/,
    ],
    ['a metadata field', { contextMetadata: ['plan', '1st'] }, /contextMetadata contains "1st"/],
    ['too little memory', { memorySize: 64 }, /memorySize is 64\. Use .* 128 to 10240/],
    ['half a MiB', { memorySize: 512.5 }, /memorySize is 512.5/],
  ])('props that are not valid are rejected: %s', (_what, props, message) => {
    expect(() => new ApiKeys(new Stack(), 'Keys', props)).toThrow(message);
  });

  it('accepts props at their limits', () => {
    const bounds: ApiKeysProps = { cacheTtl: Duration.hours(1), memorySize: 128, retention: Duration.seconds(0) };
    expect(() => new ApiKeys(new Stack(), 'Keys', bounds)).not.toThrow();
    expect(() => new ApiKeys(new Stack(), 'Keys', { ...SEVERAL, cacheTtl: Duration.seconds(0) })).not.toThrow();
    for (const props of [UNCACHED, SEVERAL, { flushOnRevoke: false }]) {
      const remembering = { ...props, recordCache: Duration.seconds(60) };
      expect(() => new ApiKeys(new Stack(), 'Keys', remembering)).not.toThrow();
    }
  });
});
