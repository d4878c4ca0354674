import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Connection } from './connection.ts';
import type { HttpResponse } from './http-response.ts';
import type { RawHeaders } from './signer.ts';

/**
 * Connections to one address, kept open between invocations.
 *
 * It implements HTTP/1.1 for the one kind of request that the authorizer sends, which takes two thirds of the CPU time of
 * `node:http` (docs/performance.md).
 */
export class Connections {
  readonly #open: () => Socket;
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
   * @throws {TypeError} if a header has characters that headers can't have
   */
  async post(headers: RawHeaders, body: string, timeoutMs: number): Promise<HttpResponse> {
    const request = `${this.#requestLine}${fieldLines(headers)}\r\n${body}`;
    return this.#connection().exchange(request, timeoutMs);
  }

  /** Closes idle connections: if one was closed during a freeze, the others probably were as well. */
  dropIdle(): void {
    for (const connection of this.#idle) connection.close();
    this.#idle.length = 0;
  }

  #connection(): Connection {
    let idle = this.#idle.pop();
    while (idle?.isOpen === false) idle = this.#idle.pop();
    return idle ?? new Connection(this.#open(), (connection) => this.#idle.push(connection));
  }
}

/** Opens sockets as `node:http`'s agents do. */
function opener(url: URL): () => Socket {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const kept = { host, noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 };
  if (url.protocol !== 'https:') return () => connect({ ...kept, port: Number(url.port || 80) });

  // SNI accepts host names only.
  const tls = {
    ...kept,
    port: Number(url.port || 443),
    ALPNProtocols: ['http/1.1'],
    ...(!isIP(host) && { servername: host }),
  };
  let session: Buffer | undefined;
  return () => {
    const socket = connectTls({ ...tls, ...(session && { session }) });
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

function fieldLines(headers: RawHeaders): string {
  let lines = '';
  for (let index = 0; index < headers.length; index += 2) {
    const [name = '', value = ''] = [headers[index], headers[index + 1]];
    // A line break would start another header. The value is not in the message, because it may be a session token.
    if (/[^\t\x20-\x7e]/.test(value)) throw new TypeError(`the header ${name} has characters that a header can't have`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
