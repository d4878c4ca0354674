import { request } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpResponseReader, type CompleteResponse } from '../../../../src/storage/fast-reader/http-response.ts';

/** Reads bytes that arrive in the given pieces. */
function read(pieces: readonly (string | Uint8Array)[]): CompleteResponse | undefined {
  const reader = new HttpResponseReader();
  for (const piece of pieces) {
    const whole = reader.take(Buffer.from(piece));
    if (whole !== undefined) return whole;
  }
  return undefined;
}

/** Cuts bytes at the given positions. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const anyCase = (name: string) =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => Array.from(name, (letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(''));
const field = (name: string, value: string) =>
  fc
    .tuple(anyCase(name), fc.constantFrom('', ' ', '  '), fc.constantFrom('', ' '))
    .map(([written, before, after]) => `${written}:${before}${value}${after}\r\n`);

/** The other fields that a server sends. */
const otherFields = fc.array(
  fc.constantFrom(
    'Server: x\r\n',
    'x-amzn-requestid: A\r\n',
    'content-type: a/b\r\n',
    'x-content-length: 7\r\n',
    'empty:\r\n',
  ),
  { maxLength: 3 },
);
const date = 'Fri, 15 Jan 2027 12:00:00 GMT';

/** A body with its framing, and the fields that describe it. */
const framed = fc.uint8Array({ maxLength: 300 }).chain((body) =>
  fc.oneof(
    field('content-length', String(body.length)).map((fields) => ({
      body,
      fields,
      sent: Buffer.from(body),
    })),
    fc.tuple(field('transfer-encoding', 'chunked'), fc.array(fc.nat(), { maxLength: 5 })).map(([fields, places]) => {
      const chunks = cut(body, places)
        .filter(({ length }) => length > 0)
        .flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n']);
      return { body, fields, sent: Buffer.concat([...chunks, '0\r\n\r\n'].map((one) => Buffer.from(one))) };
    }),
  ),
);
const answer = fc
  .record({
    status: fc.constantFrom(200, 201, 301, 400, 404, 500, 503),
    reason: fc.constantFrom('', ' OK', ' Bad  Request', ' '),
    others: otherFields,
    date: field('date', date),
    framed,
  })
  .map(({ status, reason, others, date: dateField, framed: { body, fields, sent } }) => ({
    status,
    body,
    bytes: Buffer.concat([
      Buffer.from(`HTTP/1.1 ${String(status)}${reason}\r\n${others.join('')}${fields}${dateField}\r\n`),
      sent,
    ]),
  }));

describe('an HTTP response', () => {
  it('reads a response as it was sent, for any framing and in any pieces', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat(), { maxLength: 8 }), ({ status, body, bytes }, places) => {
        const whole = read(cut(bytes, places));
        expect(whole?.response).toMatchObject({ status, headers: { date } });
        expect(whole?.response.body).toEqual(Buffer.from(body));
        expect(whole?.staysOpen).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('rejects a truncated response, wherever it is cut', () => {
    fc.assert(
      fc.property(answer, fc.nat(), ({ bytes }, place) => {
        expect(read([bytes.subarray(0, place % bytes.length)])).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('reads a response that is followed by more data, and does not reuse the connection', () => {
    fc.assert(
      fc.property(answer, fc.uint8Array({ minLength: 1, maxLength: 20 }), ({ body, bytes }, more) => {
        const whole = read([Buffer.concat([bytes, more])]);
        expect(whole?.response.body).toEqual(Buffer.from(body));
        expect(whole?.staysOpen).toBe(false);
      }),
    );
  });

  it.each([
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\nConnection: keep-alive\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\nConnection: Close\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: x, close\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\nconnection: x\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.1 204\r\n\r\n', true],
    ['HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n', true],
  ])('checks whether the response %j keeps the connection open: %s', (bytes, staysOpen) => {
    const whole = read([bytes]);
    expect(whole?.response.body).toHaveLength(0);
    expect(whole?.staysOpen).toBe(staysOpen);
  });

  it('returns the checksum of a response', () => {
    const whole = read(['HTTP/1.1 200 OK\r\nX-Amz-Crc32: 2745614147\r\ncontent-length: 2\r\n\r\n{}']);
    expect(whole?.response.headers['x-amz-crc32']).toBe('2745614147');
  });

  it('completes a response with the length 0 without another piece', () => {
    expect(read(['HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n'])).toBeDefined();
  });

  it('gives up an endless response after 16 kB of headers or 1 MB of body', () => {
    const kB = (bytes: string) => Buffer.alloc(1024, bytes);
    for (const [head, piece, limit] of [
      ['HTTP/1.1 200 OK\r\n', kB('a: b\r\n'), 16],
      ['HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n', kB('a'), 1024],
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', Buffer.from(`3f9\r\n${'a'.repeat(1017)}\r\n`), 1024],
    ] as const) {
      const reader = new HttpResponseReader();
      reader.take(Buffer.from(head));
      let taken = 0;
      expect(() => {
        for (; taken < 2000; taken++) reader.take(piece);
      }).toThrow('the response is too long');
      expect(taken).toBe(limit - 1);
    }
  });

  it('rejects a response with more than 16 kB of headers, even in one piece', () => {
    const withHead = (length: number) => {
      const [start, end] = ['HTTP/1.1 200 OK\r\na:', '\r\ncontent-length: 0\r\n\r\n'];
      return read([start + 'b'.repeat(length - start.length - end.length) + end]);
    };
    expect(withHead(16 * 1024)).toBeDefined();
    expect(() => withHead(16 * 1024 + 5)).toThrow('the response is too long');
  });

  it.each([
    'HTTP/2 200 OK\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.2 200 OK\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 200OK\r\n\r\n',
    'HTTP/1.1 2000\r\n\r\n',
    ' HTTP/1.1 200 OK\r\n\r\n',
    '<html>\r\n\r\n',
    'HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\t\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length:\t0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length : 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n 0\r\n\r\n{}',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\r\ntransfer-encoding : chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding:\x0bchunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: x,\r\n close\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\r\na\0: b\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\r\na: \0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n: no name\r\n\r\n',
    'HTTP/1.1 200 \x01\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\rcontent-length: 0\r\n\r\n',
    '\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 1e1\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0;extended\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\ntrailer: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10000000\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n',
  ])('rejects the response %j', (bytes) => {
    expect(() => read([bytes])).toThrow(/response/);
  });
});

/** Bytes with a meaning in HTTP headers. */
const SPECIAL = fc.constantFrom(...Buffer.from('\r\n\t :,;\0\x0b\xa0019', 'latin1'));

describe("comparison with Node's HTTP client", () => {
  let server: Server;
  let sent: Buffer;
  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(sent));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => server.close());

  /** Returns what Node reads from the same bytes, or `undefined` if it rejects them. */
  const byNode = () =>
    new Promise<{ status: number | undefined; body: Buffer } | undefined>((resolve) => {
      const refused = () => {
        resolve(undefined);
      };
      request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', method: 'POST', agent: false })
        .on('error', refused)
        .on('response', (response) => {
          buffer(response).then((body) => {
            resolve({ status: response.statusCode, body });
          }, refused);
        })
        .end();
    });

  it('reads a response as Node does or rejects it', async () => {
    let readAlike = 0;
    const places = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.integer({ min: 0, max: 255 }), SPECIAL)), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(answer, places, async ({ bytes }, changes) => {
        sent = Buffer.from(bytes);
        for (const [place, value] of changes) sent[place % sent.length] = value;
        let ours: CompleteResponse | undefined;
        try {
          ours = read([sent]);
        } catch {
          return;
        }
        if (ours === undefined) return;
        const theirs = await byNode();
        // Node also checks the data after the response.
        if (theirs === undefined && !ours.staysOpen) return;
        expect(theirs).toEqual({ status: ours.response.status, body: ours.response.body });
        readAlike += 1;
      }),
      { numRuns: 1000 },
    );
    expect(readAlike).toBeGreaterThan(100);
  });
});
