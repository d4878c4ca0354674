import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createKeyAuthorizer, type KeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import { emfReporter, type Report } from '../../../src/authorizer/report.ts';
import type { AuthorizerEvent } from '../../../src/authorizer/request.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey, type UnverifiedKey } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, type AuthorizerSettings } from '../../../src/gateway/settings.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { FastKeyReader } from '../../../src/storage/fast-reader/key-reader.ts';
import type { KeyReader, StoredKey } from '../../../src/storage/key-store.ts';
import { iamPermits } from '../../support/core/scopes/iam-evaluator.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { localConnection, testTable } from '../../support/storage/test-table.ts';
import {
  httpEvent,
  httpEventV1,
  restEvent,
  STAGE_ARN,
  webSocketEvent,
  withRepeated,
} from '../../support/authorizer/events.ts';

let store: DynamoKeyStore;
const clock = { now: 2_000_000 };
const reports: Report[] = [];

beforeAll(async () => {
  store = new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 });
});
afterEach(() => {
  reports.length = 0;
});

const authorizer = (settings: Partial<AuthorizerSettings> = {}, keys: Omit<KeyReader, 'replaceDigest'> = store) =>
  createKeyAuthorizer(
    { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL, lastUsedIntervalSeconds: 0, ...settings },
    {
      keys: {
        get: keys.get.bind(keys),
        touch: keys.touch.bind(keys),
        replaceDigest: store.replaceDigest.bind(store),
      },
      report: (report) => reports.push(report),
      now: () => clock.now,
    },
  );

async function issued(fields: Partial<StoredKey> = {}): Promise<UnverifiedKey> {
  const key = newKey({ label: LABEL, randomBytes });
  await store.create(aRecord({ prefix: key.prefix, digest: digestOf(key.text), ...fields }));
  return key;
}

const withKey = (key: UnverifiedKey) => ({ headers: { 'X-Api-Key': key.text } });

/** The HTTP status that API Gateway would return, from the policy or `isAuthorized`. Only one error message gives 401. */
async function status(event: AuthorizerEvent, authorize = authorizer()): Promise<number> {
  try {
    const answer = await authorize(event);
    if ('isAuthorized' in answer) return answer.isAuthorized ? 200 : 403;
    const arn = 'routeArn' in event ? event.routeArn : event.methodArn;
    return iamPermits(answer.policyDocument as Parameters<typeof iamPermits>[0], arn) ? 200 : 403;
  } catch (error) {
    return (error as Error).message === 'Unauthorized' ? 401 : 500;
  }
}

describe('the limits of a key', () => {
  const plans = { free: { rate: '10/s' } };

  it('passes the effective limits to the API in the context', async () => {
    const key = await issued({ plan: 'free', limits: { quota: '5/day' }, countsAs: '000000000000' });
    expect(await authorizer({ plans })(restEvent(withKey(key)))).toMatchObject({
      context: { plan: 'free', rate: '10/s', quota: '5/day', countsAs: '000000000000' },
    });
  });

  it('rejects a key whose plan is not configured or whose limits are invalid', async () => {
    const gone = await issued({ plan: 'gone' });
    const broken = await issued({ limits: { rate: 'lots' } });
    expect(await status(restEvent(withKey(gone)), authorizer({ plans }))).toBe(403);
    expect(await status(restEvent(withKey(broken)), authorizer({ plans }))).toBe(403);
    expect(reports.map(({ result }) => result)).toEqual(['plan', 'corrupt']);
  });
});

it('logs the route of a request without parts of its path that could be keys', async () => {
  const key = await issued();
  const call = (path: string) => authorizer()(restEvent({ ...withKey(key), call: `GET ${path}` }));
  for (const secret of [key.text, key.text.slice(0, -1), 'sk_live_4eC39HqLyjWDarjt', 'abcdefgh.0123456789abcdef'])
    await call(`/orders/${secret}/lines`);
  expect(reports.map(({ arn }) => arn)).toEqual(Array(4).fill(`${STAGE_ARN}/GET/orders/…/lines`));
  await call('/orders/1234567890/lines');
  expect(reports.at(-1)?.arn).toBe(`${STAGE_ARN}/GET/orders/1234567890/lines`);
});

describe.each([
  ['REST API', restEvent, {}, 401],
  ['HTTP API, IAM policy, payload 1.0', httpEventV1, { httpResponse: 'iam' }, 403],
  ['HTTP API, IAM policy, payload 2.0', httpEvent, { httpResponse: 'iam' }, 403],
  ['HTTP API, simple response', httpEvent, { httpResponse: 'simple' }, 403],
  ['WebSocket API', webSocketEvent, {}, 401],
] as const)('%s', (_kind, event, settings, unrecognized) => {
  const authorize: KeyAuthorizer = (request) => authorizer(settings)(request);

  it('allows a valid key, and passes its identity to the API', async () => {
    const key = await issued({ name: 'Checkout', ownerId: 'acme' });
    expect(await status(event(withKey(key)), authorize)).toBe(200);
    expect(await authorize(event(withKey(key)))).toMatchObject({
      context: { keyId: key.prefix, name: 'Checkout', ownerId: 'acme', scopes: '' },
    });
    expect(reports[0]).toMatchObject({ result: 'allowed', keyId: key.prefix, label: LABEL, requestId: 'request-1' });
  });

  it(`returns ${String(unrecognized)} for a missing or malformed key, without reading a record`, async () => {
    const unread = authorizer(settings, {
      get: () => Promise.reject(new Error('read')),
      touch: () => Promise.resolve(),
    });
    expect(await status(event({}), unread)).toBe(unrecognized);
    expect(await status(event({ headers: { 'x-api-key': 'nonsense' } }), unread)).toBe(unrecognized);
    expect(
      await status(event({ headers: { 'x-api-key': newKey({ label: 'other', randomBytes }).text } }), unread),
    ).toBe(unrecognized);
    expect(reports.map(({ result }) => result)).toEqual(['missing', 'malformed', 'malformed']);
  });

  it('returns 403 for an unknown, mismatched, revoked or expired key, and only logs the reason', async () => {
    const known = await issued();
    const cases: [UnverifiedKey, string][] = [
      [newKey({ label: LABEL, randomBytes }), 'unknown'],
      [newKey({ label: LABEL, randomBytes, prefix: known.prefix }), 'mismatch'],
      [await issued({ revokedAt: 1 }), 'revoked'],
      [await issued({ expiresAt: clock.now }), 'expired'],
      [await issued({ digest: 'md5$x' }), 'corrupt'],
    ];
    const answers = [];
    for (const [key, reason] of cases) {
      expect(await status(event(withKey(key)), authorize), reason).toBe(403);
      expect(reports.at(-1)).toMatchObject({ result: reason, keyId: key.prefix });
      answers.push(JSON.stringify(await authorize(event(withKey(key)))).replaceAll(key.prefix, ''));
    }
    expect(new Set(answers).size).toBe(1);
  });
});

describe('scopes', () => {
  it('returns the same policy for every route, so that API Gateway can cache it', async () => {
    const key = await issued({ scopes: ['GET /orders/*', 'POST /orders'] });
    const calls = {
      'GET /orders/1': 200,
      'GET /orders/2/items': 200,
      'POST /orders': 200,
      'POST /orders/1': 403,
      'GET /admin': 403,
    };
    const answers: APIGatewayAuthorizerResult[] = [];
    for (const call of Object.keys(calls)) {
      answers.push((await authorizer()(restEvent({ call, ...withKey(key) }))) as APIGatewayAuthorizerResult);
    }
    for (const { policyDocument } of answers) {
      expect(policyDocument).toEqual(answers[0]?.policyDocument);
      for (const [call, expected] of Object.entries(calls)) {
        const allowed = iamPermits(
          policyDocument as Parameters<typeof iamPermits>[0],
          `${STAGE_ARN}/${call.replace(' ', '')}`,
        );
        expect(allowed ? 200 : 403, call).toBe(expected);
      }
    }
    expect(reports.map(({ result }) => result)).toEqual(['allowed', 'allowed', 'allowed', 'scope', 'scope']);
  });

  it('checks scopes in a simple response, which is for one request only', async () => {
    const key = await issued({ scopes: ['GET /orders/*'] });
    const simple = authorizer({ httpResponse: 'simple' });
    expect(await status(httpEvent({ call: 'GET /orders/1', ...withKey(key) }), simple)).toBe(200);
    expect(await status(httpEvent({ call: 'GET /admin', ...withKey(key) }), simple)).toBe(403);
  });

  it('allows the whole stage or nothing for a key without scopes, as configured', async () => {
    const key = await issued();
    expect(await status(restEvent(withKey(key)))).toBe(200);
    expect(await status(restEvent(withKey(key)), authorizer({ unscopedKeys: 'nothing' }))).toBe(403);
  });
});

describe('the location of the key', () => {
  it('reads the key from the configured locations', async () => {
    const key = await issued();
    const byAuthorization = authorizer({ keySources: [{ header: 'authorization', scheme: 'Api-Key' }] });
    expect(await status(restEvent({ headers: { Authorization: `Api-Key ${key.text}` } }), byAuthorization)).toBe(200);
    expect(await status(restEvent(withKey(key)), byAuthorization)).toBe(401);
    const byQuery = authorizer({ keySources: [{ query: 'api_key' }] });
    expect(await status(webSocketEvent({ query: { api_key: key.text } }), byQuery)).toBe(200);
    expect(await status(webSocketEvent({ query: { api_key: key.text } }))).toBe(401);
  });

  it('rejects a request with two different keys, even if both are valid', async () => {
    const [one, other] = [await issued(), await issued()];
    const event = restEvent({ headers: { 'x-api-key': one.text, 'X-API-KEY': other.text } });
    expect(await status(event)).toBe(401);
    expect(reports).toMatchObject([{ result: 'malformed' }]);
  });
});

it.each([
  ['REST API', restEvent],
  ['HTTP API', httpEvent],
] as const)('fails for a %s and logs it if the result is too large for API Gateway', async (_kind, event) => {
  const metadata = { note: 'x'.repeat(9000) };
  const key = await issued({ metadata });
  expect(await status(event(withKey(key)), authorizer({ contextMetadata: ['note'] }))).toBe(500);
  expect(reports).toMatchObject([{ result: 'error', keyId: key.prefix }]);
  expect(reports[0]?.error).toMatch(/has 9\d{3} bytes, and API Gateway accepts 8192/);
  expect(await status(event(withKey(key)), authorizer({ contextMetadata: [] }))).toBe(200);
});

describe('a header that is sent twice', () => {
  it.each([
    ['REST API', restEvent, 401],
    ['HTTP API, payload 1.0', httpEventV1, 403],
    ['HTTP API, payload 2.0', httpEvent, 403],
    ['WebSocket API', webSocketEvent, 401],
  ] as const)('rejects a repeated header of a %s, even with the same key', async (_kind, event, expected) => {
    const key = await issued();
    const repeated = withRepeated(event(withKey(key)), 'x-api-key', key.text);
    expect(await status(repeated)).toBe(expected);
    expect(reports).toMatchObject([{ result: 'malformed' }]);
  });

  it.each([
    ['REST API', restEvent],
    ['HTTP API, payload 1.0', httpEventV1],
    ['HTTP API, payload 2.0', httpEvent],
  ] as const)('does not match an origin restriction with a repeated header of a %s', async (_kind, event) => {
    const origin = 'https://app.example.com';
    const key = await issued({ restrictions: { origins: [origin] } });
    const headers = { ...withKey(key).headers, Origin: origin, Referer: origin };
    const authorize = authorizer({ restrictions: ['origin'] });
    expect(await status(event({ headers }), authorize)).toBe(200);
    expect(await status(withRepeated(event({ headers }), 'Origin', origin), authorize)).toBe(403);
  });
});

describe('restrictions', () => {
  const enforcing = authorizerFor(['sourceIp', 'origin']);
  const call = (key: UnverifiedKey, sourceIp?: string, headers: Record<string, string> = {}) => ({
    ...withKey(key),
    headers: { ...withKey(key).headers, ...headers },
    sourceIp,
  });
  function authorizerFor(restrictions: AuthorizerSettings['restrictions']): KeyAuthorizer {
    return (request) => authorizer({ restrictions })(request);
  }

  it.each([
    ['REST API', restEvent],
    ['HTTP API, payload 1.0', httpEventV1],
    ['HTTP API, payload 2.0', httpEvent],
    ['WebSocket API', webSocketEvent],
  ] as const)('checks the restrictions of a key against the request of a %s', async (_kind, event) => {
    const key = await issued({ restrictions: { sourceIps: ['192.0.2.0/24'], origins: ['https://app.example.com'] } });
    const page = { Origin: 'https://app.example.com' };
    expect(await status(event(call(key, '192.0.2.9', page)), enforcing)).toBe(200);
    expect(await status(event(call(key, '192.0.3.9', page)), enforcing)).toBe(403);
    expect(await status(event(call(key, undefined, page)), enforcing)).toBe(403);
    expect(await status(event(call(key, '192.0.2.9')), enforcing)).toBe(403);
    expect(await status(event(call(key, '192.0.2.9', { Referer: 'https://app.example.com/page' })), enforcing)).toBe(
      200,
    );
    expect(reports.map(({ result }) => result)).toEqual(['allowed', 'source_ip', 'source_ip', 'origin', 'allowed']);
  });

  it('checks stage restrictions in every deployment, and rejects restrictions that are not enforced or not readable', async () => {
    const cases: [unknown, number, string][] = [
      [{ stages: ['prod'] }, 200, 'allowed'],
      [{ stages: ['test'] }, 403, 'stage'],
      [{ sourceIps: ['0.0.0.0/0'] }, 403, 'unenforced'],
      [{ countries: ['CH'] }, 403, 'corrupt'],
    ];
    for (const [restrictions, expected, reason] of cases) {
      const key = await issued({ restrictions: restrictions as NonNullable<StoredKey['restrictions']> });
      expect(await status(restEvent(call(key, '192.0.2.9')), authorizerFor([]))).toBe(expected);
      expect(reports.at(-1)).toMatchObject({ result: reason });
    }
  });

  it('rejects a key before its notBefore time', async () => {
    const key = await issued({ notBefore: clock.now + 1 });
    expect(await status(restEvent(withKey(key)))).toBe(403);
    expect(reports).toMatchObject([{ result: 'not_yet_valid' }]);
  });
});

it('reads a key from a cookie on every kind of API', async () => {
  const key = await issued();
  const byCookie = authorizer({ keySources: [{ cookie: 'api_key' }] });
  const cookies = `theme=dark; api_key=${key.text}`;
  expect(await status(restEvent({ headers: { Cookie: cookies } }), byCookie)).toBe(200);
  expect(await status(webSocketEvent({ headers: { cookie: cookies } }), byCookie)).toBe(200);
  // Payload 2.0 has a separate field for cookies.
  expect(await status({ ...httpEvent({}), cookies: cookies.split('; ') }, byCookie)).toBe(200);
  expect(await status(restEvent({ headers: { Cookie: `api_key=x; api_key=${key.text}` } }), byCookie)).toBe(401);
});

describe('lastUsedAt', () => {
  const interval = 3600;
  const authorize = () => authorizer({ lastUsedIntervalSeconds: interval });
  const lastUsedAt = async (key: UnverifiedKey) => (await store.get(key.prefix, { consistent: true }))?.lastUsedAt;

  it('writes lastUsedAt at most once per interval', async () => {
    const key = await issued();
    const first = clock.now;
    await authorize()(restEvent(withKey(key)));
    await expect.poll(() => lastUsedAt(key)).toBe(first);

    const touched: number[] = [];
    const watched = {
      get: store.get.bind(store),
      touch: (_prefix: string, now: number) => Promise.resolve(void touched.push(now)),
    };
    const watching = authorizer({ lastUsedIntervalSeconds: interval }, watched);
    clock.now = first + interval * 1000 - 1;
    await watching(restEvent(withKey(key)));
    expect(touched).toEqual([]);
    clock.now += 1;
    await watching(restEvent(withKey(key)));
    expect(touched).toEqual([first + interval * 1000]);
  });

  it('does not write lastUsedAt for a rejected key or if tracking is off', async () => {
    const watched = { get: store.get.bind(store), touch: () => Promise.reject(new Error('touched')) };
    const revoked = await issued({ revokedAt: 1 });
    expect(await status(restEvent(withKey(revoked)), authorizer({ lastUsedIntervalSeconds: 1 }, watched))).toBe(403);
    expect(await status(restEvent(withKey(await issued())), authorizer({ lastUsedIntervalSeconds: 0 }, watched))).toBe(
      200,
    );
  });

  it('returns the result even if the lastUsedAt write hangs or fails', async () => {
    const key = await issued();
    for (const touch of [() => new Promise<void>(() => undefined), () => Promise.reject(new Error('throttled'))]) {
      const slow = authorizer({ lastUsedIntervalSeconds: 1 }, { get: store.get.bind(store), touch });
      expect(await status(restEvent(withKey(key)), slow)).toBe(200);
    }
    await delay(10);
  });
});

describe('an outage of DynamoDB', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** A reader for the authorizer whose DynamoDB is a server that treats each connection as given. */
  async function readerBehind(behave: (socket: Socket) => void): Promise<FastKeyReader> {
    const server = createServer(behave).listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    return new FastKeyReader({
      tableName: 't',
      endpoint: { url: new URL(endpoint), region: 'us-east-1' },
      credentials: () => localConnection().credentials,
    });
  }
  const throttled =
    'HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 95\r\n\r\n' +
    '{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":""}'.slice(0, 95);

  it.each([
    // An attempt can take a second, so there is time for one attempt without a response.
    ['silent', 1, () => undefined],
    ['resetting', 3, (socket: Socket) => socket.resetAndDestroy()],
    ['truncating responses', 3, (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"Item"')],
    ['broken', 3, (socket: Socket) => socket.end('HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n')],
    ['throttling', 3, (socket: Socket) => socket.end(throttled)],
  ])('returns 500 and logs the reason if DynamoDB is %s, after at most %i requests', async (_how, most, behave) => {
    const key = await issued();
    let requests = 0;
    const broken = await readerBehind((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        requests++;
        behave(socket);
      });
    });
    expect(await status(restEvent(withKey(key)), authorizer({ lookupTimeoutMs: 400 }, broken))).toBe(500);
    expect(requests).toBeLessThanOrEqual(most);
    expect(reports).toMatchObject([
      { result: 'error', keyId: key.prefix, error: expect.stringMatching(/\w/) as string },
    ]);
  });
});

describe('the report of a decision', () => {
  it('reports a decision on one line, as a log entry and a metric without secrets', async () => {
    const lines: string[] = [];
    const key = await issued();
    const authorize = createKeyAuthorizer(
      { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL },
      {
        keys: store,
        report: emfReporter(
          (line) => lines.push(line),
          () => 1234,
          'the-authorizer',
        ),
      },
    );
    await authorize(restEvent(withKey(key)));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\n');
    expect(lines[0]).not.toContain(key.text.slice(-49));
    const entry = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(entry).toMatchObject({
      level: 'INFO',
      message: 'allowed',
      result: 'allowed',
      keyId: key.prefix,
      Decisions: 1,
      label: LABEL,
      FunctionName: 'the-authorizer',
    });
    expect(entry['_aws']).toMatchObject({
      Timestamp: 1234,
      CloudWatchMetrics: [{ Namespace: 'Latchkey' }, { Namespace: 'Latchkey' }],
    });
  });
});

it.each([
  ['a TOKEN event', { type: 'TOKEN', methodArn: `${STAGE_ARN}/GET/orders`, authorizationToken: 'k' }, /of type TOKEN/],
  [
    'an event without a request context',
    { type: 'REQUEST', methodArn: `${STAGE_ARN}/GET/orders` },
    /no request context/,
  ],
  ['an event without the ARN of the request', { type: 'REQUEST', requestContext: {} }, /ARN of the call is missing/],
  ['an event with an invalid ARN', { methodArn: 7, requestContext: {} }, /ARN of the call is missing or invalid/],
  ['an empty event', {}, /no request context/],
])('fails for %s, with a message that says how to attach the authorizer', async (_kind, event, message) => {
  const failure = authorizer()(event as unknown as AuthorizerEvent);
  await expect(failure).rejects.toThrow(message);
  await expect(failure).rejects.toThrow(/Attach this authorizer with type REQUEST/);
});
