import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { LambdaRestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ApiKeysProps } from '../../../cdk/api-keys-props.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import type { KeySource } from '../../../src/gateway/credential.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import type { StoredKey } from '../../../src/storage/key-store.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { runBundle } from '../bundles/run-bundle.ts';
import { startIssuer, type Issuer } from '../../support/authorizer/custom/issuer.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';
import { only, someFunction, stackWithKeys } from '../../support/cdk/synth.ts';

const ENTRY = 'test/integration/cdk/own-authorizer/authorizer.ts';
const BEARER: KeySource = { header: 'authorization', scheme: 'Bearer' };
const API_KEY: KeySource = { header: 'Authorization', scheme: 'Api-Key' };

/** The parts of a function's properties that are read here. */
interface FunctionProperties {
  readonly Code: { readonly S3Key: string };
  readonly Handler: string;
  readonly Runtime: string;
  readonly Environment: { readonly Variables: Record<string, string> };
}

describe('a custom authorizer', () => {
  let folder: string;
  let issuer: Issuer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-own-'));
    issuer = await startIssuer();
  });
  afterAll(() => {
    issuer.stop();
    rmSync(folder, { recursive: true });
  });

  it('a custom authorizer is bundled, and the bundle decides by keys, its own code and tokens', async () => {
    const app = new App({ outdir: join(folder, 'cdk.out'), analyticsReporting: false });
    const stack = new Stack(app, 'Consumer');
    new ApiKeys(stack, 'Keys', {
      label: LABEL,
      authorizerEntry: ENTRY,
      keySources: [API_KEY],
      alternativeSources: [BEARER],
      lastUsedInterval: Duration.seconds(0),
    });
    const template = Template.fromStack(stack);
    const authorizer = only(template, 'AWS::Lambda::Function', 'KeysAuthorizer') as unknown as FunctionProperties;
    expect(authorizer).toMatchObject({ Handler: 'index.handler', Runtime: 'nodejs24.x' });
    const bundle = join(folder, 'cdk.out', `asset.${authorizer.Code.S3Key.replace('.zip', '')}`, 'index.mjs');
    // Measured at 190 kB, with the code that is loaded on demand, aws-jwt-verify, and unminified names.
    expect(statSync(bundle).size).toBeLessThan(250 * 1024);

    const table = await testTable();
    const store = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
    const issued = async (fields: Partial<StoredKey>) => {
      const key = newKey({ label: LABEL, randomBytes });
      await store.create(aRecord({ prefix: key.prefix, digest: digestOf(key.text), ...fields }));
      return { headers: { Authorization: `Api-Key ${key.text}` } };
    };
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, issuer.ca);
    let output = '';
    const answers = await runBundle({
      bundle,
      events: [
        await issued({ metadata: { tenant: 'acme' }, restrictions: { stages: ['prod'] } }),
        await issued({ metadata: { locked: true } }),
        await issued({ restrictions: { sourceIps: ['192.0.2.0/24'] } }),
        bearer(issuer.token()),
        bearer(issuer.token({ exp: 1 })),
        {},
      ].map(restEvent),
      environment: {
        ...authorizer.Environment.Variables,
        LATCHKEY_TABLE: table.tableName,
        AWS_ENDPOINT_URL_DYNAMODB: inject('dynamodbEndpoint'),
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        ISSUER: issuer.url,
        NODE_EXTRA_CA_CERTS: ca,
      },
      onOutput: (text) => (output = text),
    });
    expect(answers).toMatchObject([
      { context: { authorizedBy: 'apiKey', tenant: 'acme' }, policyDocument: { Statement: [{ Effect: 'Allow' }] } },
      { context: {}, policyDocument: { Statement: [{ Effect: 'Deny' }] } },
      { context: {}, policyDocument: { Statement: [{ Effect: 'Deny' }] } },
      { context: { authorizedBy: 'jwt', subject: 'user-1' }, policyDocument: { Statement: [{ Effect: 'Allow' }] } },
      'Unauthorized: Unauthorized',
      'Unauthorized: Unauthorized',
    ]);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ result, detail }) => detail ?? result)).toEqual([
      'allowed',
      'locked',
      'unenforced',
      'allowed',
      'jwt: JwtExpiredError',
      'missing',
    ]);
  });

  it('a custom authorizer has the same role as the prebuilt authorizer, and its settings name the identity sources', () => {
    const template = stackWithKeys({ authorizerEntry: ENTRY, identitySources: ['method.request.header.X-Tenant'] });
    const policies = (one: Template) => only(one, 'AWS::IAM::Policy', 'KeysAuthorizer')['PolicyDocument'];
    expect(policies(template)).toEqual(policies(stackWithKeys()));
    expect(settingsOf(template)).toMatchObject({
      cachedBy: ['method.request.header.x-api-key', 'method.request.header.X-Tenant'],
    });
    expect(settingsOf(stackWithKeys())).not.toHaveProperty('cachedBy');
    expect(settingsOf(stackWithKeys({ authorizerEntry: ENTRY, cacheTtl: Duration.seconds(0) }))).toMatchObject({
      cachedBy: [],
    });
  });
});

function settingsOf(template: Template): unknown {
  const { Environment } = only(template, 'AWS::Lambda::Function', 'KeysAuthorizer') as unknown as FunctionProperties;
  return JSON.parse(String(Environment.Variables['LATCHKEY_SETTINGS']));
}

describe('the identity sources that API Gateway caches by', () => {
  const cacheOf = (props: ApiKeysProps) => {
    const template = stackWithKeys(props, (stack, keys) => {
      const handler = someFunction(stack);
      new LambdaRestApi(stack, 'Rest', { handler, defaultMethodOptions: { authorizer: keys.restAuthorizer() } });
      const defaultIntegration = new HttpLambdaIntegration('Integration', handler);
      new HttpApi(stack, 'Http', { defaultIntegration, defaultAuthorizer: keys.httpAuthorizer() });
    });
    const rest = only(template, 'AWS::ApiGateway::Authorizer');
    const http = only(template, 'AWS::ApiGatewayV2::Authorizer');
    const [ttl, httpTtl] = [rest, http].map((one) => one['AuthorizerResultTtlInSeconds']);
    return { rest: rest['IdentitySource'], http: http['IdentitySource'], ttl, ...(httpTtl !== ttl && { httpTtl }) };
  };

  it('the identity sources include the source IP address if keys can be restricted to addresses', () => {
    expect(cacheOf({ restrictions: ['sourceIp'] })).toEqual({
      rest: 'method.request.header.x-api-key,context.identity.sourceIp',
      http: ['$request.header.x-api-key', '$context.identity.sourceIp'],
      ttl: 60,
    });
  });

  it('nothing is cached if keys can be restricted to origins, because a request can lack an origin', () => {
    expect(cacheOf({ restrictions: ['origin', 'sourceIp'] })).toMatchObject({
      rest: 'method.request.header.x-api-key',
      ttl: 0,
    });
  });

  it('a key in a cookie is cached by the header Cookie on a REST API, and not cached on an HTTP API', () => {
    expect(cacheOf({ keySources: [{ cookie: 'api_key' }] })).toEqual({
      rest: 'method.request.header.Cookie',
      http: ['$context.identity.sourceIp'],
      ttl: 60,
      httpTtl: 0,
    });
  });

  it('nothing is cached for "a key or a token", unless both are in one header', () => {
    expect(cacheOf({ authorizerEntry: ENTRY, alternativeSources: [BEARER] })).toMatchObject({
      rest: 'context.identity.sourceIp',
      http: ['$context.identity.sourceIp'],
      ttl: 0,
    });
    expect(cacheOf({ authorizerEntry: ENTRY, keySources: [API_KEY], alternativeSources: [BEARER] })).toMatchObject({
      rest: 'method.request.header.Authorization',
      ttl: 60,
    });
  });

  it('the identity sources are those that a custom authorizer declares', () => {
    const identitySources = ['method.request.header.X-Tenant', 'method.request.querystring.key'] as const;
    expect(cacheOf({ authorizerEntry: ENTRY, keySources: [], identitySources })).toEqual({
      rest: 'method.request.header.X-Tenant,method.request.querystring.key',
      http: ['$request.header.X-Tenant', '$request.querystring.key'],
      ttl: 60,
    });
  });
});

it.each<[string, ApiKeysProps, RegExp]>([
  ['a restriction', { restrictions: ['country' as 'origin'] }, /restrictions contains "country".*sourceIp, origin/],
  [
    'a cache with origins',
    { restrictions: ['origin'], cacheTtl: Duration.seconds(1) },
    /cacheTtl must be 0 with the restriction origin/,
  ],
  [
    'a cache for a key or a token',
    { authorizerEntry: ENTRY, alternativeSources: [BEARER], cacheTtl: Duration.seconds(1) },
    /cacheTtl must be 0 when a request can contain the key in several places/,
  ],
  [
    'an identity source',
    { authorizerEntry: ENTRY, identitySources: ['header.X' as 'context.path'] },
    /identitySources contains "header\.X".*method\.request\.header/,
  ],
  ['other sources without an entry', { alternativeSources: [BEARER] }, /require authorizerEntry/],
  ['no source at all', { authorizerEntry: ENTRY, keySources: [] }, /keySources is empty/],
  ['a cookie twice', { keySources: [{ cookie: 'a' }, { cookie: 'a' }] }, /keySources contains "a" more than once/],
  [
    'rate limits with a custom authorizer',
    { authorizerEntry: ENTRY, cacheTtl: Duration.seconds(0), rateLimits: {} as never },
    /rateLimits cannot be combined with authorizerEntry/,
  ],
])('rejects %s', (_what, props, message) => {
  expect(() => stackWithKeys(props)).toThrow(message);
});
