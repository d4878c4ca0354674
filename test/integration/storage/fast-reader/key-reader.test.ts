import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { lambdaCredentials } from '../../../../src/storage/fast-reader/credentials.ts';
import { FastKeyReader } from '../../../../src/storage/fast-reader/key-reader.ts';
import { DynamoKeyStore } from '../../../../src/storage/dynamo.ts';
import { readerContract } from '../reader-contract.ts';
import { localConnection, testTable } from '../../../support/storage/test-table.ts';
import { answer, fakeDynamoDb, refuse, type FakeDynamoDb } from '../../../support/storage/fast-reader/fake-dynamodb.ts';
import { crc32 } from 'node:zlib';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

const readerAt = (endpoint: string, tableName = 't', credentials = () => CREDENTIALS) =>
  new FastKeyReader({ tableName, endpoint: { url: new URL(endpoint), region: 'us-east-1' }, credentials });

describe('on DynamoDB Local', () => {
  let store: DynamoKeyStore;
  let reader: FastKeyReader;

  beforeAll(async () => {
    const { client, tableName } = await testTable();
    store = new DynamoKeyStore({ client, tableName, retentionSeconds: 1000 });
    reader = readerAt(localConnection().endpoint, tableName);
  });
  readerContract(() => ({ reader, store, readerAt }));
});

describe('the fast reader with a faulty DynamoDB', () => {
  const FOUND = answer({ Item: { prefix: { S: 'abcdefghijkl' } } });
  let dynamo: FakeDynamoDb;
  let reader: FastKeyReader;

  beforeEach(async () => {
    dynamo = await fakeDynamoDb();
    reader = readerAt(dynamo.endpoint);
  });
  afterEach(() => {
    dynamo.stop();
  });
  const get = (timeoutMs = 5000) => reader.get('abcdefghijkl', { timeoutMs });

  it.each([
    ['throttling', refuse(400, 'ProvisionedThroughputExceededException')],
    ['throttling of the account', refuse(400, 'ThrottlingException')],
    ['a server error', refuse(500, 'InternalServerError')],
    ['a gateway error', (response) => response.writeHead(503).end('<html>try later</html>')],
    ['a connection reset', (_response, socket) => socket.resetAndDestroy()],
    ['a connection closed without a response', (_response, socket) => socket.end()],
    [
      'a truncated response',
      (response, socket) =>
        response.writeHead(200, { 'content-length': '99' }).write('{"Item"', () => socket.destroy()),
    ],
    ['a response that is not JSON', (response) => response.end('{"Item": {')],
    ['a response that is not an object', answer([1])],
    ['a corrupted response', answer({ Item: { prefix: { S: 'mnopqrstuvwx' } } }, { 'x-amz-crc32': '1' })],
  ] satisfies [string, Parameters<FakeDynamoDb['next']>[0]][])(
    'retries at most twice after %s',
    async (_what, trouble) => {
      dynamo.next(trouble, trouble, FOUND);
      expect(await get()).toEqual({ prefix: 'abcdefghijkl' });
      expect(dynamo.received).toHaveLength(3);

      dynamo.next(trouble);
      await expect(get()).rejects.toThrow();
      expect(dynamo.received).toHaveLength(6);
    },
  );

  it.each([
    ['AccessDeniedException', 400],
    ['ResourceNotFoundException', 400],
    ['UnrecognizedClientException', 400],
    ['ExpiredTokenException', 400],
    ['ValidationException', 400],
  ])('does not retry after %s, and reports it', async (type, status) => {
    dynamo.next(refuse(status, type));
    await expect(get()).rejects.toThrow(type);
    expect(dynamo.received).toHaveLength(1);
  });

  it('never accepts a redirect or another 2xx status as a response', async () => {
    for (const status of [204, 206, 301, 404]) {
      dynamo.next((response) => response.writeHead(status, { location: '/elsewhere' }).end(status === 204 ? '' : '{}'));
      await expect(get(), String(status)).rejects.toThrow();
    }
  });

  it('accepts a response with a matching checksum', async () => {
    const content = { Item: { prefix: { S: 'abcdefghijkl' } } };
    dynamo.next(answer(content, { 'x-amz-crc32': String(crc32(JSON.stringify(content))) }));
    expect(await get()).toEqual({ prefix: 'abcdefghijkl' });
    expect(dynamo.received).toHaveLength(1);
  });

  it('gives up an attempt without a response, and retries on a new connection', async () => {
    dynamo.next(() => undefined, FOUND);
    expect(await get()).toEqual({ prefix: 'abcdefghijkl' });
    expect(dynamo.received.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('stays within the given time, over all attempts', async () => {
    dynamo.next(() => undefined);
    // By default, an attempt may take a second, and there may be three.
    await expect(get(300)).rejects.toThrow(/not within (?:300|[12]?\d?\d)(?:\.\d+)? ms/);
    expect(dynamo.received).toHaveLength(1);
  });

  it('reports the original fault if the pause before a retry exceeds the timeout', async () => {
    // Timers count whole milliseconds, so one can fire before the timeout, and the shortest pause can end just after it.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    dynamo.next(() => (now = 19.5));
    vi.spyOn(Math, 'random').mockImplementation(() => {
      queueMicrotask(() => (now = 20.5));
      return 0;
    });
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    await expect(get(20)).rejects.toThrow('not within 20 ms');
    expect(now).toBe(20.5);
  });

  it('sends no request if no time is left', async () => {
    for (const timeoutMs of [0, -1]) await expect(get(timeoutMs)).rejects.toThrow('no time was left');
    expect(dynamo.received).toEqual([]);
  });

  it('reuses one connection', async () => {
    dynamo.next(FOUND);
    for (let call = 0; call < 5; call++) await get();
    expect(new Set(dynamo.received.map(({ connection }) => connection))).toEqual(new Set([1]));
  });

  it('uses a new connection after a freeze in which every connection was closed', async () => {
    dynamo.next((response) =>
      setTimeout(() => {
        FOUND(response, response.socket as never);
      }, 20),
    );
    await Promise.all(Array.from({ length: 5 }, () => get()));
    expect(dynamo.received).toHaveLength(5);
    dynamo.next(FOUND);
    // Blocks this thread while the connections close, as a freeze would: the client notices only when it writes.
    dynamo.closeConnections();
    expect(await get()).toEqual({ prefix: 'abcdefghijkl' });
    expect(Math.max(...dynamo.received.map(({ connection }) => connection))).toBe(6);
  });

  describe('the fast reader with a wrong clock', () => {
    const HOUR = 3_600_000;
    const serverTime = Date.now() + 2 * HOUR;
    const date = new Date(serverTime).toUTCString();
    const signedAt = (index: number) => dynamo.received[index]?.headers['x-amz-date'];
    const stamp = (time: number) =>
      new Date(time)
        .toISOString()
        .replaceAll(/[:-]|\.\d{3}/g, '')
        .slice(0, 11);

    it.each(['InvalidSignatureException', 'RequestTimeTooSkewed', 'RequestExpired'])(
      "signs with the server's time after %s, and from then on",
      async (type) => {
        dynamo.next(refuse(400, type, { date }), FOUND);
        expect(await get()).toEqual({ prefix: 'abcdefghijkl' });
        await get();
        expect(dynamo.received).toHaveLength(3);
        expect(signedAt(0)).not.toContain(stamp(serverTime));
        expect(signedAt(1)).toContain(stamp(serverTime));
        expect(signedAt(2)).toContain(stamp(serverTime));
      },
    );

    it("treats a rejected signature as final once it has the server's time", async () => {
      dynamo.next(refuse(400, 'InvalidSignatureException', { date }), FOUND);
      await get();
      dynamo.next(refuse(400, 'InvalidSignatureException', { date }));
      await expect(get()).rejects.toThrow('InvalidSignatureException');
      expect(dynamo.received).toHaveLength(3);
    });

    it('treats a rejected signature as final if the clock is right', async () => {
      dynamo.next(refuse(400, 'InvalidSignatureException', { date: new Date().toUTCString() }));
      await expect(get()).rejects.toThrow('InvalidSignatureException');
      expect(dynamo.received).toHaveLength(1);
    });
  });
});

describe('the request of the fast reader', () => {
  let dynamo: FakeDynamoDb;
  beforeEach(async () => {
    dynamo = await fakeDynamoDb();
  });
  afterEach(() => {
    dynamo.stop();
  });

  it('sends one eventually consistent GetItem for one key', async () => {
    await readerAt(dynamo.endpoint, 'keys').get('abcdefghijkl');
    expect(dynamo.received).toHaveLength(1);
    expect(dynamo.received[0]).toMatchObject({
      method: 'POST',
      path: '/',
      headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem', 'content-type': 'application/x-amz-json-1.0' },
    });
    expect(JSON.parse(dynamo.received[0]?.body ?? '')).toEqual({
      TableName: 'keys',
      Key: { prefix: { S: 'abcdefghijkl' } },
      ConsistentRead: false,
    });
  });

  it('never sends a request without TLS to an HTTPS endpoint', async () => {
    await expect(readerAt(dynamo.endpoint.replace('http:', 'https:')).get('abcdefghijkl')).rejects.toThrow(
      'no response from DynamoDB',
    );
    expect(dynamo.received).toEqual([]);
  });

  it('connects to an endpoint that is an IPv6 address in brackets', async () => {
    const { port } = new URL(dynamo.endpoint);
    // The server listens on IPv4 only, and IPv6 may be unavailable, so the error shows which address was used.
    await expect(readerAt(`http://[::1]:${port}`).get('abcdefghijkl')).rejects.toMatchObject({
      name: 'ConnectionError',
      cause: { address: '::1' },
    });
  });

  it('waits for credentials, and does not request missing credentials twice', async () => {
    let asked = 0;
    const endpoint = { url: new URL(dynamo.endpoint), region: 'us-east-1' };
    const refused = () => {
      asked++;
      return Promise.reject(new Error('no credentials'));
    };
    const reader = new FastKeyReader({ tableName: 't', endpoint, credentials: refused });
    await expect(reader.get('abcdefghijkl')).rejects.toThrow('no credentials');
    expect(asked).toBe(1);
    const waiting = new FastKeyReader({ tableName: 't', endpoint, credentials: () => Promise.resolve(CREDENTIALS) });
    expect(await waiting.get('abcdefghijkl')).toBeUndefined();
  });

  it('signs with the current credentials of the environment', async () => {
    const environment: Record<string, string> = {
      AWS_ACCESS_KEY_ID: 'first',
      AWS_SECRET_ACCESS_KEY: 's1',
      AWS_SESSION_TOKEN: 'token-1',
    };
    const reader = new FastKeyReader({
      tableName: 't',
      endpoint: { url: new URL(dynamo.endpoint), region: 'us-east-1' },
      credentials: lambdaCredentials(environment),
    });
    await reader.get('abcdefghijkl');
    Object.assign(environment, {
      AWS_ACCESS_KEY_ID: 'second',
      AWS_SECRET_ACCESS_KEY: 's2',
      AWS_SESSION_TOKEN: 'token-2',
    });
    await reader.get('abcdefghijkl');
    delete environment['AWS_SESSION_TOKEN'];
    await reader.get('abcdefghijkl');

    const [first, second, third] = dynamo.received.map(({ headers }) => headers);
    expect(first?.authorization).toMatch(/Credential=first\/.*x-amz-security-token/);
    expect(first?.['x-amz-security-token']).toBe('token-1');
    expect(second?.authorization).toMatch(/Credential=second\//);
    expect(second?.['x-amz-security-token']).toBe('token-2');
    expect(third?.authorization).not.toContain('x-amz-security-token');
    expect(third).not.toHaveProperty('x-amz-security-token');
  });
});
