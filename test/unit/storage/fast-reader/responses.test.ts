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

describe('an answer of DynamoDB', () => {
  it('is read if it is good and whole', () => {
    expect(parseResponse(at(200, '{"Item":{}}'))).toEqual({ Item: {} });
    expect(parseResponse(at(200, '{}', { 'x-amz-crc32': String(crc32('{}')) }))).toEqual({});
  });

  it('that was damaged on its way may be asked for again', () => {
    const fault = faultOf(200, '{}', { 'x-amz-crc32': '1' });
    expect(fault).toMatchObject({ name: 'TransientChecksum', $metadata: { httpStatusCode: 503 } });
    expect(fault.message).toBe('TransientChecksum (HTTP 503): the response was damaged in transit');
  });

  it.each(['', 'null', '[]', '"text"', '7', '{', '<html>'])(
    'that claims to be good and is %j is the server’s fault',
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
    // The rest explains what was signed, with the session token in it.
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
  ])('that refuses with %s is an error by its name', (body, name, message) => {
    const fault = faultOf(400, body);
    expect(fault).toMatchObject({
      name,
      $metadata: { httpStatusCode: 400 },
      message: `${name} (HTTP 400): ${message}`,
    });
  });

  it('tells the server’s clock, where it does', () => {
    expect(faultOf(400, '{}', { date: 'Fri, 15 Jan 2027 12:00:00 GMT' }).serverTime).toBe(Date.UTC(2027, 0, 15, 12));
    expect(faultOf(400, '{}').serverTime).toBeNaN();
  });
});

describe('the authorizer’s reader', () => {
  const readerAt = async () => {
    const dynamodb = await fakeDynamoDb();
    onTestFinished(() => {
      dynamodb.stop();
    });
    const credentials = () => ({ accessKeyId: 'a', secretAccessKey: 'b' });
    const endpoint = { url: new URL(dynamodb.endpoint), region: 'us-east-1' };
    return { dynamodb, reader: new FastKeyReader({ tableName: 'keys', endpoint, credentials }) };
  };

  it('puts an answer together that comes in pieces', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next((response) => {
      response.write('{"Item":{"prefix":');
      setTimeout(() => response.write('{"S":"a"},'), 50);
      setTimeout(() => response.end('"name":{"S":"b"}}}'), 100);
    });
    expect(await reader.get('a')).toEqual({ prefix: 'a', name: 'b' });
  });

  it('takes a note that is not due for no fault, and any other refusal for one', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next(refuse(400, 'ConditionalCheckFailedException'));
    await expect(reader.touch('a', 1, 1)).resolves.toBeUndefined();
    await expect(reader.replaceDigest('a', 'b', 'c')).resolves.toBeUndefined();
    dynamodb.next(refuse(400, 'ValidationException'));
    await expect(reader.touch('a', 1, 1)).rejects.toThrow('ValidationException');
    dynamodb.next((_response, socket) => socket.destroy());
    await expect(reader.replaceDigest('a', 'b', 'c')).rejects.toThrow('no response from DynamoDB');
  });

  it('after a connection has died, tries on a new one and trusts no other that was idle', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next(answer({}));
    await Promise.all([reader.get('a'), reader.get('b'), reader.get('c')]);
    dynamodb.next((_response, socket) => socket.destroy(), answer({}));
    expect(await reader.get('a')).toBeUndefined();
    expect(dynamodb.received.at(-1)?.connection).toBe(4);
    expect(dynamodb.received).toHaveLength(5);
  });

  it('after a refusal goes on with the connections that it has', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next(answer({}));
    await Promise.all([reader.get('a'), reader.get('b'), reader.get('c')]);
    dynamodb.next(refuse(400, 'ThrottlingException'), answer({}));
    await reader.get('a');
    await Promise.all([reader.get('a'), reader.get('b'), reader.get('c')]);
    expect(dynamodb.received).toHaveLength(8);
    expect(Math.max(...dynamodb.received.map(({ connection }) => connection))).toBe(3);
  });

  it('says that no answer came, of what kind of connection, and why', async () => {
    const { dynamodb, reader } = await readerAt();
    dynamodb.next((_response, socket) => socket.destroy());
    await expect(reader.get('a')).rejects.toMatchObject({
      name: 'ConnectionError',
      diedIdle: false,
      message: 'no response from DynamoDB: the connection was closed',
    });
  });

  it('keeps records only where it is told to', async () => {
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
  ])('told to keep them for %i seconds asks %i times', async (recordCacheSeconds, requests) => {
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

  it('are those of its environment, as they are at each moment', () => {
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
    'or else come from the container, and are kept until five minutes before they end: %s',
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
      // Half of a pair is none.
      const credentials = lambdaCredentials({ AWS_ACCESS_KEY_ID: 'alone' });
      for (let call = 0; call < 3; call++)
        expect(await credentials(1000)).toMatchObject({ secretAccessKey: 'b', sessionToken: 'c' });
      expect(asked === 1).toBe(kept);
    },
  );

  it('of a container that is silent are waited for as long as the look-up may take', async () => {
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
