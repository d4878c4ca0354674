import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, inject, vi } from 'vitest';
import type { AttributesSchema } from '../../../src/core/attributes/attributes.ts';
import { jsonSchemaOf } from '../../../src/core/attributes/attributes.ts';
import type { KeySource } from '../../../src/gateway/credential.ts';
import { placeOf } from '../../../src/gateway/identity-source.ts';
import {
  DEFAULT_AUTHORIZER_SETTINGS,
  DEFAULT_MANAGEMENT_SETTINGS,
  toEnvironment,
} from '../../../src/gateway/settings.ts';
import { CREDENTIALS, REGION, SAMPLE_STAGE } from '../../../local/account.ts';
import { createTable } from '../../../local/create-table.ts';
import { authorizerEvent, proxyEvent } from '../../../local/gateway/event.ts';
import { flushApi } from '../../../local/gateway/flush-api.ts';
import { json, serve, type RequestHandler } from '../../../local/gateway/http.ts';
import { invokeApi } from '../../../local/gateway/invoke-api.ts';
import { RequestAuthorizer } from '../../../local/gateway/request-authorizer.ts';
import { matchRoute } from '../../../local/gateway/route.ts';
import type { Outcome } from '../../../local/lambda/environment.ts';
import { LocalFunctions } from '../../../local/lambda/functions.ts';
import { startIssuer } from '../../support/authorizer/custom/issuer.ts';
import { localConnection } from '../../support/storage/test-table.ts';
import { heroesSuite, type HeroesPlace } from './heroes-suite.ts';

/**
 * Runs the example locally: its own code, the built functions, DynamoDB Local, and the local gateway with the two kinds of
 * key of its app.ts. There is no local user pool, so this file signs the tokens. test/system/deploy tests the deployed
 * example.
 */
const example = async <Exports>(file: string) => (await import(resolve('examples/heroes', file))) as Exports;

/** Calls a function of the example as Lambda does. */
const inProcess = (handler: (event: unknown) => Promise<unknown>) => ({
  invoke: async (payload: string): Promise<Outcome> => {
    try {
      return { ok: true, payload: JSON.stringify(await handler(JSON.parse(payload))) };
    } catch (error) {
      return { ok: false, error: { errorType: 'Error', errorMessage: error instanceof Error ? error.message : '' } };
    }
  },
});

const USER_POOL = { id: `${REGION}_heroes`, clientId: 'web' };

const stops: (() => void | Promise<void>)[] = [];
let place: HeroesPlace;

beforeAll(async () => {
  const { heroAttributes } = await example<{ heroAttributes: { schema: AttributesSchema } }>('attributes.ts');
  const tableName = `keys-${randomUUID()}`;
  const client = new DynamoDBClient(localConnection());
  await createTable(client, tableName);
  client.destroy();

  let management: RequestHandler = () => Promise.resolve(json(503, { message: 'Starting' }));
  const admin = await serve((request) => management(request), { port: 0, flag: '' });
  const kind = (label: string, source: KeySource, attributes?: AttributesSchema) => {
    const own = { label, ownerSuspension: attributes !== undefined };
    const authorizerSettings = {
      ...DEFAULT_AUTHORIZER_SETTINGS,
      ...own,
      keySources: [source],
      contextMetadata: attributes === undefined ? [] : Object.keys(jsonSchemaOf(attributes).properties),
    };
    const functions = new LocalFunctions({
      tableName,
      limitsTableName: 'none',
      usageTableName: 'none',
      dynamodbEndpoint: inject('dynamodbEndpoint'),
      apiGatewayEndpoint: admin.url,
      authorizerSettings,
      managementSettings: {
        ...DEFAULT_MANAGEMENT_SETTINGS,
        ...own,
        attributes: attributes && jsonSchemaOf(attributes),
      },
      log: () => undefined,
    });
    stops.unshift(() => functions.stop());
    return { functions, authorizerSettings };
  };
  const keys = kind('app', { header: 'x-heroes-key' });
  const heroKeys = kind('hero', { header: 'authorization', scheme: 'Api-Key' }, heroAttributes.schema);
  const heroAuthorizer = new RequestAuthorizer({
    authorizer: heroKeys.functions.get('authorizer'),
    identitySources: heroKeys.authorizerSettings.keySources.map(placeOf),
    cacheTtlSeconds: 5,
  });
  const nothing: RequestHandler = () => Promise.resolve(json(404, {}));
  management = invokeApi(heroKeys.functions, flushApi(heroAuthorizer, nothing));

  vi.stubEnv('AWS_REGION', REGION);
  vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', admin.url);
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', inject('dynamodbEndpoint'));
  vi.stubEnv('SUSPEND_FUNCTION', 'suspend-owner');
  vi.stubEnv('RESUME_FUNCTION', 'resume-owner');
  vi.stubEnv('USER_POOL_ID', USER_POOL.id);
  vi.stubEnv('USER_POOL_CLIENT_ID', USER_POOL.clientId);
  for (const [name, value] of Object.entries(toEnvironment(tableName, { ...keys.authorizerSettings, cachedBy: [] })))
    vi.stubEnv(name, value);
  const { handler } = await example<{ handler: (event: object) => Promise<{ statusCode: number; body: string }> }>(
    'api/index.ts',
  );
  const { handler: retire } = await example<{ handler: (event: object) => Promise<unknown> }>('retire/index.ts');

  const { handler: authorize } = await example<{ handler: (event: unknown) => Promise<unknown> }>('authorize/index.ts');
  const eitherAuthorizer = new RequestAuthorizer({
    authorizer: inProcess(authorize),
    identitySources: [],
    cacheTtlSeconds: 0,
  });
  const { users } = await example<{ users: { cacheJwks(jwks: object): void } }>('authorize/users.ts');
  const issuer = await startIssuer();
  users.cacheJwks(issuer.jwks());

  const guards = new Map([
    ['/public', undefined],
    ['/protected', eitherAuthorizer],
    ['/either', eitherAuthorizer],
    ['/heroes/me', heroAuthorizer],
  ]);
  const routes = [...guards.keys()].map((path) => ({ method: 'GET', path, functionName: 'heroes' }));
  const api = await serve(
    async (request) => {
      const match = matchRoute(routes, request.method, request.path);
      if (match === undefined) return json(403, { message: 'Missing Authentication Token' });
      const { apiId } = SAMPLE_STAGE;
      const verdict = await guards.get(match.route.path)?.authorize(request, authorizerEvent(apiId, request, match));
      if (verdict?.allowed === false) return verdict.response;
      const answer = await handler(proxyEvent(apiId, request, match, { authorizer: verdict?.context }));
      return { status: answer.statusCode, headers: [], body: answer.body };
    },
    { port: 0, flag: '' },
  );
  stops.unshift(
    () => admin.stop(),
    () => api.stop(),
    () => {
      issuer.stop();
    },
  );

  const functions: Record<string, (input: object) => Promise<unknown>> = { RetireFunctionName: retire };
  for (const [output, { functions: of }, name] of [
    ['CreateFunctionName', keys, 'create-key'],
    ['CreateHeroKeyFunctionName', heroKeys, 'create-key'],
    ['ListHeroKeysFunctionName', heroKeys, 'list-keys'],
    ['HeroSettingsFunctionName', heroKeys, 'get-settings'],
  ] as const) {
    functions[output] = async (input) => {
      const outcome = await of.get(name).invoke(JSON.stringify(input));
      if (!outcome.ok) throw new Error(outcome.error.errorMessage);
      return JSON.parse(outcome.payload) as unknown;
    };
  }
  place = {
    get: async (path, headers = {}) => {
      const response = await fetch(api.url + path, { headers });
      return { status: response.status, body: await response.json() };
    },
    invoke: (output, input) => functions[output]?.(input) ?? Promise.reject(new Error(`no ${output}`)),
    tokenOf: (sub) => {
      const iss = `https://cognito-idp.${REGION}.amazonaws.com/${USER_POOL.id}`;
      return issuer.token({ iss, sub, token_use: 'access', client_id: USER_POOL.clientId });
    },
    cacheEndsMs: 10_000,
  };
});
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const stop of stops) await stop();
});

describe('examples/heroes', () => {
  heroesSuite(() => place);
});
