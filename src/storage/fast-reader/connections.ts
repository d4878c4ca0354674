import { connect, isIP, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Connection, type OpenSocket } from './connection.ts';
import type { HttpResponse } from './http-response.ts';
import type { HeaderLines } from './signer.ts';

/**
 * Connections to one address, kept open between invocations.
 *
 * It implements HTTP/1.1 for the one kind of request that the authorizer sends, which takes two thirds of the CPU time of
 * `node:http` (docs/performance.md).
 */
export class Connections {
  readonly #open: OpenSocket;
  readonly #requestLine: string;
  readonly #idle: Connection[] = [];

  constructor(url: URL) {
    this.#open = opener(url);
    this.#requestLine = `POST ${url.pathname} HTTP/1.1\r\n`;
  }

  /**
   * Sends a POST request and returns the response.
   *
   * @param timeoutMs the time limit for the complete response, in milliseconds
   * @throws {ConnectionError} if there is no complete response in time
   */
  post(headers: HeaderLines, body: string, timeoutMs: number): Promise<HttpResponse> {
    return this.#connection().exchange(`${this.#requestLine}${headers}\r\n${body}`, timeoutMs);
  }

  /** Closes idle connections: if one was closed during a freeze, the others probably were as well. */
  dropIdle(): void {
    for (const connection of this.#idle) connection.close();
    this.#idle.length = 0;
  }

  #connection(): Connection {
    let idle = this.#idle.pop();
    while (idle?.isOpen === false) idle = this.#idle.pop();
    return idle ?? new Connection(this.#open, (connection) => this.#idle.push(connection));
  }
}

/** Opens sockets as `node:http`'s agents do. */
function opener(url: URL): OpenSocket {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const kept = { host, noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 };
  if (url.protocol !== 'https:') return (onread) => connect({ ...kept, port: Number(url.port || 80), onread });

  // SNI accepts host names only.
  const tls = {
    ...kept,
    port: Number(url.port || 443),
    ALPNProtocols: ['http/1.1'],
    ...(!isIP(host) && { servername: host }),
  };
  let session: Buffer | undefined;
  return (onread) => {
    const options: ConnectionOptions & TcpNetConnectOpts = { ...tls, onread, ...(session && { session }) };
    const socket = connectTls(options);
    socket.on('session', (resumable) => {
      session = resumable;
    });
    // The session may be the cause of the error.
    socket.on('error', () => {
      session = undefined;
    });
    return socket;
  };
}
