import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey, type UnverifiedKey } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, toEnvironment, type AuthorizerSettings } from '../../../src/gateway/settings.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import type { StoredKey } from '../../../src/storage/key-store.ts';
import { bundle, sizesOf } from '../../../scripts/bundle.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { answer, fakeDynamoDb, type FakeDynamoDb } from '../../support/storage/fast-reader/fake-dynamodb.ts';
import { selfSigned } from '../../support/self-signed.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';
import { meteringProxy } from './metering-proxy.ts';
import { runBundle, type BundleRun } from './run-bundle.ts';

const BUNDLE = 'dist/functions/authorizer/index.mjs';

/** The budget for the code that a cold start reads, in kB. Raising it requires a reason and figures in docs/performance.md. */
const BUDGET_KB = 32;

interface Run extends Omit<BundleRun, 'bundle' | 'environment'> {
  readonly environment: Record<string, string>;
  readonly tableName?: string;
  readonly settings?: Partial<AuthorizerSettings>;
}

/** Runs the bundle with these settings. */
function run({ environment, tableName = 't', settings, ...rest }: Run): Promise<unknown[]> {
  const all = { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL, ...settings };
  return runBundle({ ...rest, bundle: BUNDLE, environment: { ...toEnvironment(tableName, all), ...environment } });
}

const key = (): UnverifiedKey => newKey({ label: LABEL, randomBytes });
const eventOf = ({ text }: UnverifiedKey) => restEvent({ headers: { 'x-api-key': text } });
const STATIC = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
const effectOf = (answered: unknown) =>
  (answered as { policyDocument?: { Statement: { Effect: string }[] } }).policyDocument?.Statement[0]?.Effect;

it('the authorizer bundle stays within its size budget', async () => {
  const { loaded } = sizesOf(await bundle('functions/authorizer.ts', 'authorizer', { write: false }));
  expect(Math.ceil(loaded / 1024)).toBeLessThanOrEqual(BUDGET_KB);
});

describe('the reads of a decision', () => {
  let store: DynamoKeyStore;
  let tableName: string;
  beforeAll(async () => {
    const table = await testTable();
    tableName = table.tableName;
    store = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
  });
  const issued = async (fields: Partial<StoredKey> = {}) => {
    const one = key();
    await store.create(aRecord({ prefix: one.prefix, digest: digestOf(one.text), ...fields }));
    return one;
  };

  it('makes one GetItem of half a read unit for a key, and no request for a malformed or missing key', async () => {
    const proxy = await meteringProxy(inject('dynamodbEndpoint'));
    const good = await issued({ metadata: { long: 'm'.repeat(1000) }, lastUsedAt: Date.now() });
    const events = [
      ...[good, good, await issued({ revokedAt: 1 }), await issued({ expiresAt: 1 }), key()].map(eventOf),
      restEvent({ headers: { 'x-api-key': 'nonsense' } }),
      restEvent({}),
    ];
    const answers = await run({
      events,
      environment: { ...STATIC, AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint },
      tableName,
    });
    proxy.stop();
    expect(answers.map((one) => effectOf(one) ?? one)).toEqual([
      ...['Allow', 'Allow', 'Deny', 'Deny', 'Deny'],
      ...['Unauthorized: Unauthorized', 'Unauthorized: Unauthorized'],
    ]);
    expect(proxy.metered).toEqual(Array.from({ length: 5 }, () => ({ operation: 'GetItem', capacityUnits: 0.5 })));
  });

  it('reads the owner as well for a valid key with an owner, if owners can be suspended', async () => {
    const proxy = await meteringProxy(inject('dynamodbEndpoint'));
    const lastUsedAt = Date.now();
    const [owned, unowned] = [await issued({ ownerId: 'acme', lastUsedAt }), await issued({ lastUsedAt })];
    const suspended = await issued({ ownerId: 'unpaid', lastUsedAt });
    await store.suspendOwner({ label: LABEL, ownerId: 'unpaid', by: undefined, at: 1 }, 'r'.repeat(200));
    const stolen = newKey({ label: LABEL, randomBytes, prefix: owned.prefix });
    const revoked = await issued({ ownerId: 'acme', revokedAt: 1 });
    const answers = await run({
      events: [owned, suspended, unowned, stolen, revoked].map(eventOf),
      environment: { ...STATIC, AWS_ENDPOINT_URL: proxy.endpoint },
      tableName,
      settings: { ownerSuspension: true },
    });
    proxy.stop();
    expect(answers.map(effectOf)).toEqual(['Allow', 'Deny', 'Allow', 'Deny', 'Deny']);
    expect(proxy.metered).toEqual(
      Array.from({ length: 2 + 2 + 1 + 1 + 1 }, () => ({ operation: 'GetItem', capacityUnits: 0.5 })),
    );
  });

  it('reads a valid key once with the record cache, and a rejected key every time', async () => {
    const proxy = await meteringProxy(inject('dynamodbEndpoint'));
    const good = await issued({ lastUsedAt: Date.now() });
    const revoked = await issued({ revokedAt: 1 });
    const stolen = newKey({ label: LABEL, randomBytes, prefix: good.prefix });
    const answers = await run({
      events: [good, good, good, stolen, revoked, revoked].map(eventOf),
      environment: { ...STATIC, AWS_ENDPOINT_URL: proxy.endpoint },
      tableName,
      settings: { recordCacheSeconds: 60 },
    });
    proxy.stop();
    expect(answers.map(effectOf)).toEqual(['Allow', 'Allow', 'Allow', 'Deny', 'Deny', 'Deny']);
    expect(proxy.metered).toHaveLength(3);
  });

  it('reads an owner once with the record cache, and allows a revoked key or suspended owner until the cache expires', async () => {
    const proxy = await meteringProxy(inject('dynamodbEndpoint'));
    const lastUsedAt = Date.now();
    const [revoked, owned] = [await issued({ lastUsedAt }), await issued({ ownerId: 'late', lastUsedAt })];
    const ending = [
      () => store.revoke(revoked.prefix, undefined, Date.now()),
      () => store.suspendOwner({ label: LABEL, ownerId: 'late', by: undefined, at: 1 }, undefined),
    ];
    const answers = await run({
      events: [revoked, owned, revoked, owned].map(eventOf),
      environment: { ...STATIC, AWS_ENDPOINT_URL: proxy.endpoint },
      tableName,
      settings: { recordCacheSeconds: 60, ownerSuspension: true },
      onAnswer: () => ending.shift()?.(),
    });
    proxy.stop();
    expect(ending).toEqual([]);
    expect(answers.map(effectOf)).toEqual(['Allow', 'Allow', 'Allow', 'Allow']);
    expect(proxy.metered).toHaveLength(3);
  });
});

describe('the authorizer bundle in Lambda', () => {
  let dynamo: FakeDynamoDb;
  beforeEach(async () => {
    dynamo = await fakeDynamoDb();
  });
  afterEach(() => {
    dynamo.stop();
  });
  const itemOf = ({ prefix, text }: UnverifiedKey) =>
    answer({
      Item: {
        ...{ prefix: { S: prefix }, label: { S: LABEL }, digest: { S: digestOf(text) }, name: { S: 'a key' } },
        ...{ scopes: { L: [] }, metadata: { M: {} }, createdAt: { N: '1' }, version: { N: '1' } },
      },
    });

  it('writes the last use even if Lambda freezes the environment right after the response', async () => {
    const one = key();
    dynamo.next(itemOf(one), () => undefined);
    const [answered] = await run({
      events: [eventOf(one)],
      environment: { ...STATIC, AWS_ENDPOINT_URL: dynamo.endpoint },
      onAnswer: (runtime) => runtime.kill('SIGSTOP'),
    });
    expect(effectOf(answered)).toBe('Allow');
    await expect
      .poll(() => dynamo.received.map(({ headers }) => headers['x-amz-target']))
      .toEqual(['DynamoDB_20120810.GetItem', 'DynamoDB_20120810.UpdateItem']);
  });

  it('fetches credentials once from the container credentials endpoint', async () => {
    const asked: (string | undefined)[] = [];
    const credentials = createServer((request, response) => {
      asked.push(request.headers.authorization);
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      response.end(JSON.stringify({ AccessKeyId: 'contained', SecretAccessKey: 's', Token: 'token', Expiration }));
    }).listen(0, '127.0.0.1');
    await once(credentials, 'listening');
    const one = key();
    dynamo.next(itemOf(one));
    const answers = await run({
      events: [eventOf(one), eventOf(one)],
      settings: { lastUsedIntervalSeconds: 0 },
      environment: {
        AWS_ENDPOINT_URL: dynamo.endpoint,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${String((credentials.address() as AddressInfo).port)}/creds`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: 'let-me-in',
      },
    });
    credentials.close();
    expect(answers.map(effectOf)).toEqual(['Allow', 'Allow']);
    expect(asked).toEqual(['let-me-in']);
    for (const { headers } of dynamo.received) {
      expect(headers.authorization).toContain('Credential=contained/');
      expect(headers['x-amz-security-token']).toBe('token');
    }
  });

  it('uses one TLS connection, and none to a server with an untrusted certificate', async () => {
    const { key: tlsKey, cert, certFile, remove } = selfSigned();
    const secure = await fakeDynamoDb({ key: tlsKey, cert });
    const one = key();
    secure.next(itemOf(one));
    const events = [eventOf(one), eventOf(one)];
    const environment = { ...STATIC, AWS_ENDPOINT_URL: secure.endpoint };
    const settings = { lastUsedIntervalSeconds: 0 };
    const trusting = { ...environment, NODE_EXTRA_CA_CERTS: certFile };
    expect((await run({ events, environment: trusting, settings })).map(effectOf)).toEqual(['Allow', 'Allow']);
    expect(secure.received.map(({ connection }) => connection)).toEqual([1, 1]);

    expect(await run({ events: [eventOf(one)], environment, settings })).toEqual([
      'Error: No decision could be made; see the log.',
    ]);
    expect(secure.received).toHaveLength(2);
    secure.stop();
    await remove();
  });

  it('fails without credentials, and sends no request', async () => {
    const answers = await run({ events: [eventOf(key())], environment: { AWS_ENDPOINT_URL: dynamo.endpoint } });
    expect(answers).toEqual(['Error: No decision could be made; see the log.']);
    expect(dynamo.received).toEqual([]);
  });
});
