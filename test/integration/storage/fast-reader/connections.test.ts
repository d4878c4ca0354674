import { execFile } from 'node:child_process';
import { constants } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  getCACertificates,
  setDefaultCACertificates,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Connections } from '../../../../src/storage/fast-reader/connections.ts';
import { selfSigned, type SelfSigned } from '../../../support/self-signed.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

/** A server that handles a socket as given each time it receives data. */
async function serverThat(answers: (socket: Socket, request: string) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      answers(socket, chunk.toString());
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${String(port)}`), sockets };
}

const ask = (connections: Connections, timeoutMs = 5000) => connections.post('host: x\r\n', '{}', timeoutMs);
const isOpen = ({ destroyed, readableEnded }: Socket) => !destroyed && !readableEnded;

describe('a request of the fast reader', () => {
  it('sends the whole request with the given headers', async () => {
    const requests: string[] = [];
    const { url } = await serverThat((socket, request) => {
      requests.push(request);
      socket.write(OK);
    });
    const connections = new Connections(new URL('/a%20b/', url));
    expect(await connections.post('host: x:1\r\nX-One: a b\tc\r\n', '{"a":"ä"}', 5000)).toMatchObject({
      status: 200,
      body: Buffer.from('{}'),
    });
    expect(requests).toEqual(['POST /a%20b/ HTTP/1.1\r\nhost: x:1\r\nX-One: a b\tc\r\n\r\n{"a":"ä"}']);
  });
});

describe('a connection of the fast reader', () => {
  it('reuses a connection, for one request at a time', async () => {
    const { url, sockets } = await serverThat((socket) => setTimeout(() => socket.write(OK), 20));
    const connections = new Connections(url);
    await Promise.all([ask(connections), ask(connections)]);
    await Promise.all([ask(connections), ask(connections)]);
    await ask(connections);
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ['announces that it closes', OK.replace('OK\r\n', 'OK\r\nconnection: close\r\n')],
    ['sends more than the response', `${OK}HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"a":1}`],
  ])('closes a connection that %s, and sends the next request on another one', async (_what, bytes) => {
    const { url, sockets } = await serverThat((socket) => socket.write(bytes));
    const connections = new Connections(url);
    for (let call = 0; call < 2; call++) expect((await ask(connections)).body.toString()).toBe('{}');
    expect(sockets).toHaveLength(2);
    await expect.poll(() => sockets.some(isOpen)).toBe(false);
  });

  it('closes a connection with unexpected data, which would be read as the next response', async () => {
    const { url, sockets } = await serverThat((socket) => {
      socket.write(OK);
      if (sockets.length === 1) setTimeout(() => socket.write(OK.replace('{}', '[]')), 20);
    });
    const connections = new Connections(url);
    await ask(connections);
    await expect.poll(() => sockets.some(isOpen)).toBe(false);
    expect((await ask(connections)).body.toString()).toBe('{}');
    expect(sockets).toHaveLength(2);
  });

  it('closes a connection after a timeout, because a late response would be read as the next one', async () => {
    let isSilent = false;
    const { url, sockets } = await serverThat((socket) => {
      if (!isSilent) socket.write(OK);
    });
    const connections = new Connections(url);
    await ask(connections);
    isSilent = true;
    await expect(ask(connections, 50)).rejects.toMatchObject({
      name: 'ConnectionError',
      message: 'no response from DynamoDB: not within 50 ms',
      diedIdle: false,
    });
    isSilent = false;
    sockets[0]?.write(OK);
    await ask(connections);
    expect(sockets).toHaveLength(2);
    await expect.poll(() => sockets.filter(isOpen)).toHaveLength(1);
  });

  it('does not use a connection that was closed while idle', async () => {
    const { url, sockets } = await serverThat((socket) => socket.write(OK));
    const connections = new Connections(url);
    await Promise.all([ask(connections), ask(connections)]);
    sockets[0]?.end();
    await expect.poll(() => sockets[0]?.destroyed).toBe(true);
    await ask(connections);
    sockets[1]?.end();
    await expect.poll(() => sockets[1]?.destroyed).toBe(true);
    await ask(connections);
    expect(sockets).toHaveLength(3);
  });

  it('opens a new connection after the idle ones are dropped', async () => {
    const { url, sockets } = await serverThat((socket) => socket.write(OK));
    const connections = new Connections(url);
    await Promise.all([ask(connections), ask(connections)]);
    connections.dropIdle();
    await ask(connections);
    expect(sockets).toHaveLength(3);
    await expect.poll(() => sockets.filter(isOpen)).toHaveLength(1);
  });

  it('reports why a connection failed, and whether it may have failed while idle', async () => {
    let fails = (socket: Socket): void => void socket.write(OK);
    const { url } = await serverThat((socket) => {
      fails(socket);
    });
    const connections = new Connections(url);
    await ask(connections);
    fails = (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}');
    await expect(ask(connections)).rejects.toMatchObject({
      message: 'no response from DynamoDB: the connection was closed',
      diedIdle: false,
    });
    for (const diedIdle of [false, true]) {
      fails = (socket) => socket.end();
      await expect(ask(connections)).rejects.toMatchObject({ diedIdle });
      fails = (socket) => void socket.write(OK);
      await ask(connections);
    }
    fails = () => undefined;
    await expect(ask(connections, 20)).rejects.toMatchObject({ diedIdle: false });
    fails = (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n');
    await expect(ask(connections)).rejects.toMatchObject({
      message: 'no response from DynamoDB: the response is not valid HTTP/1.1',
      diedIdle: false,
    });
  });

  it('reports a refused connection, also after it tries several addresses', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    for (const host of ['127.0.0.1', 'localhost'])
      await expect(ask(new Connections(new URL(`http://${host}:${String(port)}`)))).rejects.toMatchObject({
        message: expect.stringContaining('ECONNREFUSED') as string,
        diedIdle: false,
      });
  });

  it('rejects a response that only the end of the connection delimits, because it may be truncated', async () => {
    const { url } = await serverThat((socket) => socket.end('HTTP/1.1 503 Busy\r\n\r\n<html>'));
    await expect(ask(new Connections(url))).rejects.toThrow('the response (HTTP 503) does not say where it ends');
  });

  it('accepts a response that arrived in time while the process was blocked', async () => {
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       const written = () => {
         Atomics.add(workerData.answered, 0, 1);
         Atomics.notify(workerData.answered, 0);
       };
       const server = require('node:net').createServer((socket) => {
         socket.on('data', () => socket.write(workerData.answer, written));
       });
       server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
      { eval: true, workerData: { answer: OK, answered } },
    );
    onTestFinished(async () => {
      await worker.terminate();
    });
    const port = await new Promise((resolve) => worker.once('message', resolve));
    const connections = new Connections(new URL(`http://127.0.0.1:${String(port)}`));
    await ask(connections);
    await expect.poll(() => Atomics.load(answered, 0)).toBe(1);
    const asked = ask(connections, 50);
    // Blocks this thread until the response has arrived and the timeout has passed.
    expect(Atomics.wait(answered, 0, 1, 20_000)).not.toBe('timed-out');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    expect((await asked).status).toBe(200);
  });

  it('lets the process exit with an idle connection, but not with a pending request', async () => {
    const { url } = await serverThat((socket) => setTimeout(() => socket.write(OK), 100));
    const module = pathToFileURL('src/storage/fast-reader/connections.ts').href;
    const program = `
      import { Connections } from ${JSON.stringify(module)};
      const connections = new Connections(new URL(${JSON.stringify(url)}));
      const ask = () => connections.post('host: x\\r\\n', '{}', 5000);
      await ask();
      ask().then(({ status }) => console.log(status));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 20_000,
    });
    expect(stdout).toBe('200\n');
  });
});

describe('a TLS connection of the fast reader', () => {
  const trusted = getCACertificates('default');
  let identity: SelfSigned;
  beforeAll(() => {
    identity = selfSigned();
    setDefaultCACertificates([identity.cert]);
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await identity.remove();
  });

  /** A TLS server that handles a socket as given each time it receives data, and records its handshakes. */
  async function tlsServerThat(answers: (socket: Socket) => void, options: TlsOptions = {}) {
    const names: string[] = [];
    const greeted: { protocol: string | false | null; resumed: boolean }[] = [];
    const SNICallback = (name: string, done: (error: null) => void) => {
      names.push(name);
      done(null);
    };
    const server = createTlsServer(
      { ...identity, ALPNProtocols: ['http/1.1'], SNICallback, noDelay: true, ...options },
      (socket: TLSSocket) => {
        greeted.push({ protocol: socket.alpnProtocol, resumed: socket.isSessionReused() });
        socket.on('error', () => undefined);
        socket.on('data', () => {
          answers(socket);
        });
      },
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    return { names, greeted, server, url: new URL(`https://127.0.0.1:${String(port)}`) };
  }
  const thenClose = (socket: Socket) => socket.end(OK.replace('OK\r\n', 'OK\r\nconnection: close\r\n'));

  /** Forwards everything that a server sends within some milliseconds as one segment. */
  async function inOneSegment(server: URL): Promise<URL> {
    const relay = createServer((client) => {
      const upstream = connect(Number(server.port), server.hostname);
      client.on('error', () => undefined).pipe(upstream);
      let held = Buffer.of();
      upstream.on('error', () => undefined).on('end', () => client.end());
      upstream.on('data', (chunk) => {
        if (held.length === 0)
          setTimeout(() => {
            client.write(held);
            held = Buffer.of();
          }, 20);
        held = Buffer.concat([held, chunk]);
      });
    }).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    onTestFinished(() => void relay.close());
    return new URL(`https://127.0.0.1:${String((relay.address() as AddressInfo).port)}`);
  }

  it('resumes a TLS session on the next connection, and sends no server name for an IP address', async () => {
    const { names, greeted, url } = await tlsServerThat(thenClose);
    const connections = new Connections(url);
    for (let call = 0; call < 2; call++) expect((await ask(connections)).status).toBe(200);
    expect(greeted).toEqual([
      { protocol: 'http/1.1', resumed: false },
      { protocol: 'http/1.1', resumed: true },
    ]);
    expect(names).toEqual([]);
  });

  it('stops offering a TLS session that the server does not accept', async () => {
    const { server, url } = await tlsServerThat(thenClose, {
      maxVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    const known = new Set<string>();
    server.on('newSession', (id: Buffer, _data, done: () => void) => {
      known.add(id.toString('hex'));
      done();
    });
    // An unknown id is a placeholder that clients send without a session.
    server.on('resumeSession', (id: Buffer, done: (error: Error | null, session: null) => void) => {
      done(known.has(id.toString('hex')) ? new Error('no') : null, null);
    });
    const connections = new Connections(url);
    expect((await ask(connections)).status).toBe(200);
    await expect(ask(connections)).rejects.toThrow('no response from DynamoDB');
    expect((await ask(connections)).status).toBe(200);
  });

  it('never matches an unrequested response to a request, not even one that is about to be sent', async () => {
    let answered = 0;
    const { url } = await tlsServerThat((socket) => {
      socket.write(OK);
      // A separate TLS record, sent together with the first.
      if (answered++ === 0) socket.write(OK.replace('{}', '[]'));
    });
    const connections = new Connections(await inOneSegment(url));
    const [first, second] = [await ask(connections), await ask(connections)];
    expect([first.body.toString(), second.body.toString()]).toEqual(['{}', '{}']);
    connections.dropIdle();
  });

  it('sends the server name, and sends no request to a server without a matching certificate', async () => {
    const { names, greeted, url } = await tlsServerThat(thenClose);
    await expect(ask(new Connections(new URL(url.href.replace('127.0.0.1', 'localhost'))))).rejects.toThrow(
      /^no response from DynamoDB: .*altnames/,
    );
    expect(names).toEqual(['localhost']);
    expect(greeted).toEqual([]);
  });
});
