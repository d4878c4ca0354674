import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { lambdaCredentials } from '../../../../src/storage/fast-reader/credentials.ts';
import { DynamoError, parseResponse } from '../../../../src/storage/fast-reader/dynamo-error.ts';
import { FastKeyReader } from '../../../../src/storage/fast-reader/key-reader.ts';
import { fastReaderFromEnvironment } from '../../../../src/storage/fast-reader/from-environment.ts';
import { RecordCache } from '../../../../src/storage/fast-reader/record-cache.ts';
import { answer, fakeDynamoDb, refuse } from '../../../support/storage/fast-reader/fake-dynamodb.ts';

const at = (status: number, body: string, headers = {}) => ({ status, headers, body: Buffer.from(body) });
const faultOf = (...args: Parameters<typeof at>): DynamoError => {
  try {
    parseResponse(at(...args));
  } catch (error) {
    if (error instanceof DynamoError) return error;
  }
  throw new Error('no DynamoError');
};

describe('a response of DynamoDB', () => {
  it('reads a successful and complete response', () => {
    expect(parseResponse(at(200, '{"Item":{}}'))).toEqual({ Item: {} });
    expect(parseResponse(at(200, '{}', { 'x-amz-crc32': String(crc32('{}')) }))).toEqual({});
  });

  it('marks a corrupted response as retryable', () => {
    const fault = faultOf(200, '{}', { 'x-amz-crc32': '1' });
    expect(fault).toMatchObject({ name: 'TransientChecksum', $metadata: { httpStatusCode: 503 } });
    expect(fault.message).toBe('TransientChecksum (HTTP 503): the response was damaged in transit');
  });

  it.each(['', 'null', '[]', '"text"', '7', '{', '<html>'])(
    'reports a successful response with the body %j as a server error',
    (body) => {
      const fault = faultOf(200, body);
      expect(fault).toMatchObject({ name: 'UnexpectedResponse', $metadata: { httpStatusCode: 502 } });
      expect(fault.message).toBe('UnexpectedResponse (HTTP 502): no reason given');
    },
  );

  it.each([
    [
      '{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}',
      'ThrottlingException',
      'slow down',
    ],
    ['{"__type":"ThrottlingException","Message":"slow down"}', 'ThrottlingException', 'slow down'],
    // The rest explains what was signed, and contains the session token.
    [
      JSON.stringify({
        __type: 'x#InvalidSignatureException',
        message: "it does not match.\n\n'POST\n/\n\nx-amz-security-token:secret'",
      }),
      'InvalidSignatureException',
      'it does not match.',
    ],
    ['{"__type":7,"message":{}}', 'UnexpectedResponse', 'no reason given'],
    ['{"__type":"x#"}', 'UnexpectedResponse', 'no reason given'],
    ['null', 'UnexpectedResponse', 'no reason given'],
    ['Service Unavailable', 'UnexpectedResponse', 'no reason given'],
  ])('reports a rejection with %s as an error with its name', (body, name, message) => {
    const fault = faultOf(400, body);
    expect(fault).toMatchObject({
      name,
      $metadata: { httpStatusCode: 400 },
      message: `${name} (HTTP 400): ${message}`,
    });
  });

  it("returns the server's clock if the response has it", () => {
    expect(faultOf(400, '{}', { date: 'Fri, 15 Jan 2027 12:00:00 GMT' }).serverTime).toBe(Date.UTC(2027, 0, 15, 12));
    expect(faultOf(400, '{}').serverTime).toBeNaN();
  });
});

describe("the authorizer's reader", () => {
  const readerAt = async () => {
    const dynamodb = await fakeDynamoDb();
    onTestFinished(() => {
      dynamodb.stop();
    });
    const credentials = () => ({ accessKeyId: 'a', secretAccessKey: 'b' });
    const endpoint = { url: new URL(dynamodb.endpoint), region: 'us-east-1' };
    return { dynamodb, reader: new FastKeyReader({ tableName: 'keys', endpoint, credentials }) };
  };

  it('assembles a response that arrives in pieces', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next((response) => {
      response.write('{"Item":{"prefix":');
      setTimeout(() => response.write('{"S":"a"},'), 50);
      setTimeout(() => response.end('"name":{"S":"b"}}}'), 100);
    });
    expect(await reader.get('a')).toEqual({ prefix: 'a', name: 'b' });
  });

  it('ignores a rejected use within the interval, and reports any other rejection', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next(refuse(400, 'ConditionalCheckFailedException'));
    await expect(reader.touch('a', 1, 1)).resolves.toBeUndefined();
    await expect(reader.replaceDigest('a', 'b', 'c')).resolves.toBeUndefined();
    dynamodb.next(refuse(400, 'ValidationException'));
    await expect(reader.touch('a', 1, 1)).rejects.toThrow('ValidationException');
    dynamodb.next((_response, socket) => socket.destroy());
    await expect(reader.replaceDigest('a', 'b', 'c')).rejects.toThrow('no response from DynamoDB');
  });

  it('retries on a new connection after one has failed, and drops the idle ones', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next(answer({}));
    await Promise.all([reader.get('a'), reader.get('b'), reader.get('c')]);
    dynamodb.next((_response, socket) => socket.destroy(), answer({}));
    expect(await reader.get('a')).toBeUndefined();
    expect(dynamodb.received.at(-1)?.connection).toBe(4);
    expect(dynamodb.received).toHaveLength(5);
  });

  it('keeps its connections after a rejection', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next(answer({}));
    await Promise.all([reader.get('a'), reader.get('b'), reader.get('c')]);
    dynamodb.next(refuse(400, 'ThrottlingException'), answer({}));
    await reader.get('a');
    await Promise.all([reader.get('a'), reader.get('b'), reader.get('c')]);
    expect(dynamodb.received).toHaveLength(8);
    expect(Math.max(...dynamodb.received.map(({ connection }) => connection))).toBe(3);
  });

  it('reports a missing response with the kind of connection and the reason', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next((_response, socket) => socket.destroy());
    await expect(reader.get('a')).rejects.toMatchObject({
      name: 'ConnectionError',
      diedIdle: false,
      message: 'no response from DynamoDB: the connection was closed',
    });
  });

  it('caches records only if that is configured', async () => {
    const environment = { AWS_REGION: 'eu-west-1' };
    expect(await fastReaderFromEnvironment(environment, 'keys', { recordCacheSeconds: 0 })).toBeInstanceOf(
      FastKeyReader,
    );
    expect(await fastReaderFromEnvironment(environment, 'keys', { recordCacheSeconds: 1 })).toBeInstanceOf(RecordCache);
    await expect(fastReaderFromEnvironment({}, 'keys', { recordCacheSeconds: 0 })).rejects.toThrow('AWS_REGION');
  });

  it.each([
    [0, 2],
    [60, 1],
  ])('caches a record for %i seconds, and sends %i requests for two reads', async (recordCacheSeconds, requests) => {
    const { dynamodb } = await readerAt();
    dynamodb.next(answer({ Item: { prefix: { S: 'a' } } }));
    const environment = {
      ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: dynamodb.endpoint },
      ...{ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    };
    const reader = await fastReaderFromEnvironment(environment, 'keys', { recordCacheSeconds });
    await reader.get('a');
    expect(await reader.get('a')).toEqual({ prefix: 'a' });
    expect(dynamodb.received).toHaveLength(requests);
  });
});

describe('the credentials of a function', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('uses the current credentials of the environment', () => {
    const environment: NodeJS.ProcessEnv = {
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_SESSION_TOKEN: 'c',
    };
    const credentials = lambdaCredentials(environment);
    expect(credentials(1000)).toEqual({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' });
    environment['AWS_SECRET_ACCESS_KEY'] = 'd';
    expect(credentials(1000)).toMatchObject({ secretAccessKey: 'd' });
  });

  it.each([
    ['an hour', 3600, true],
    ['four minutes', 240, false],
  ])(
    'uses the credentials of the container otherwise, and keeps them until five minutes before they expire: %s',
    async (_for, seconds, kept) => {
      let asked = 0;
      const server = createServer((_request, response) => {
        const Expiration = new Date(Date.now() + seconds * 1000).toISOString();
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ AccessKeyId: `a${String(++asked)}`, SecretAccessKey: 'b', Token: 'c', Expiration }),
        );
      }).listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${String(port)}/`);
      // An access key without its secret is incomplete.
      const credentials = lambdaCredentials({ AWS_ACCESS_KEY_ID: 'alone' });
      for (let call = 0; call < 3; call++)
        expect(await credentials(1000)).toMatchObject({ secretAccessKey: 'b', sessionToken: 'c' });
      expect(asked === 1).toBe(kept);
    },
  );

  it('waits for the credentials of an unresponsive container until the lookup timeout', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await vi.waitUntil(() => server.listening);
    const { port } = server.address() as AddressInfo;
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${String(port)}/`);
    const endpoint = { url: new URL('http://127.0.0.1:9'), region: 'us-east-1' };
    const reader = new FastKeyReader({ tableName: 't', endpoint, credentials: lambdaCredentials({}) });
    await expect(reader.get('abcdefghijkl', { timeoutMs: 200 })).rejects.toThrow(
      /^the source of credentials did not respond within/,
    );
  });
});
