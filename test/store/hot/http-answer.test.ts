import { request } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnswerReader, type WholeAnswer } from '../../../functions/store/hot/http-answer.ts';

/** Reads bytes that come in these pieces, after which the connection ends. */
function read(pieces: readonly (string | Uint8Array)[]): WholeAnswer | undefined {
  const reader = new AnswerReader();
  for (const piece of pieces) {
    const whole = reader.take(Buffer.from(piece));
    if (whole !== undefined) return whole;
  }
  return reader.end();
}

/** Cuts bytes at these places. */
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

/** The rest of what a server says. */
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

/** A body as it is framed, with the fields that say how. */
const framed = fc.uint8Array({ maxLength: 300 }).chain((body) =>
  fc.oneof(
    field('content-length', String(body.length)).map((fields) => ({
      body,
      fields,
      sent: Buffer.from(body),
      closes: false,
    })),
    fc
      .tuple(
        field('transfer-encoding', 'chunked'),
        fc.array(fc.nat(), { maxLength: 5 }),
        fc.constantFrom('', ';a=b', ' '),
        fc.constantFrom('', 'trailer: x\r\n'),
      )
      .map(([fields, places, extension, trailers]) => {
        const chunks = cut(body, places)
          .filter(({ length }) => length > 0)
          .flatMap((chunk) => [`${chunk.length.toString(16)}${extension}\r\n`, chunk, '\r\n']);
        const sent = Buffer.concat([...chunks, `0${extension}\r\n${trailers}\r\n`].map((one) => Buffer.from(one)));
        return { body, fields, sent, closes: false };
      }),
    fc.constant({ body, fields: '', sent: Buffer.from(body), closes: true }),
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
  .map(({ status, reason, others, date: dateField, framed: { body, fields, sent, closes } }) => ({
    status,
    body,
    closes,
    bytes: Buffer.concat([
      Buffer.from(`HTTP/1.1 ${String(status)}${reason}\r\n${others.join('')}${fields}${dateField}\r\n`),
      sent,
    ]),
  }));

describe('an answer', () => {
  it('is read as it was sent, however its end is told and in whatever pieces it comes', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat(), { maxLength: 8 }), ({ status, body, closes, bytes }, places) => {
        const whole = read(cut(bytes, places));
        expect(whole?.answer).toMatchObject({ status, headers: { date } });
        expect(whole?.answer.body).toEqual(Buffer.from(body));
        expect(whole?.staysOpen).toBe(!closes);
      }),
      { numRuns: 500 },
    );
  });

  it('that is cut off is none, wherever it is cut, if its end can be told', () => {
    fc.assert(
      fc.property(
        answer.filter(({ closes }) => !closes),
        fc.nat(),
        ({ bytes }, place) => {
          expect(read([bytes.subarray(0, place % bytes.length)])).toBeUndefined();
        },
      ),
      { numRuns: 500 },
    );
  });

  it('followed by more is read, and its connection not used again', () => {
    fc.assert(
      fc.property(
        answer.filter(({ closes }) => !closes),
        fc.uint8Array({ minLength: 1, maxLength: 20 }),
        ({ body, bytes }, more) => {
          const whole = read([Buffer.concat([bytes, more])]);
          expect(whole?.answer.body).toEqual(Buffer.from(body));
          expect(whole?.staysOpen).toBe(false);
        },
      ),
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
  ])('%j leaves its connection open: %s', (bytes, staysOpen) => {
    const whole = read([bytes]);
    expect(whole?.answer.body).toHaveLength(0);
    expect(whole?.staysOpen).toBe(staysOpen);
  });

  it('tells its checksum', () => {
    const whole = read(['HTTP/1.1 200 OK\r\nX-Amz-Crc32: 2745614147\r\ncontent-length: 2\r\n\r\n{}']);
    expect(whole?.answer.headers['x-amz-crc32']).toBe('2745614147');
  });

  it('is whole without another piece when its length is nothing', () => {
    expect(new AnswerReader().take(Buffer.from('HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n'))).toBeDefined();
    expect(new AnswerReader().take(Buffer.from('HTTP/1.1 200\r\n\r\nwho knows'))).toBeUndefined();
  });

  it.each([
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.2 200 OK\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 200OK\r\n\r\n',
    'HTTP/1.1 2000\r\n\r\n',
    ' HTTP/1.1 200 OK\r\n\r\n',
    '<html>\r\n\r\n',
    'HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\t\r\n\r\n',
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
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10000000\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n',
  ])('is not %j: the connection is given up', (bytes) => {
    expect(() => read([bytes])).toThrow(/answer/);
  });
});

describe('beside Node’s own client', () => {
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

  /** What Node reads from the same bytes; `undefined` if it refuses them. */
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

  it('no bytes are taken for another answer: they are refused, or read alike', async () => {
    let readAlike = 0;
    const places = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(answer, places, async ({ bytes }, changes) => {
        sent = Buffer.from(bytes);
        for (const [place, value] of changes) sent[place % sent.length] = value;
        let ours: WholeAnswer | undefined;
        try {
          ours = read([sent]);
        } catch {
          return;
        }
        if (ours === undefined) return;
        const theirs = await byNode();
        // It refuses more: such as a field whose name holds a letter that none may.
        if (theirs === undefined) return;
        readAlike += 1;
        expect({ status: ours.answer.status, body: ours.answer.body }).toEqual(theirs);
      }),
      { numRuns: 400 },
    );
    expect(readAlike).toBeGreaterThan(100);
  });
});
