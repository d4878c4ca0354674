import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Connection } from './connection.ts';
import type { HttpResponse } from './http-response.ts';
import type { RawHeaders } from './signer.ts';

/**
 * Connections to one address, kept open from one invocation to the next.
 *
 * HTTP/1.1 by hand: a third of what `node:http` takes for a request is for what this one never is (docs/performance.md).
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
   * One request and its answer.
   *
   * @throws {ConnectionError} if no whole answer comes, or not within `timeoutMs`
   * @throws {TypeError} if a header cannot be sent
   */
  async post(headers: RawHeaders, body: string, timeoutMs: number): Promise<HttpResponse> {
    const request = `${this.#requestLine}${fieldLines(headers)}\r\n${body}`;
    return this.#connection().exchange(request, timeoutMs);
  }

  /** Closes what is idle: when one connection has died unseen, the others are no better. */
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

  // SNI knows no addresses.
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
    // It may be what has failed.
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
    // A line break would begin a header of its own. What it is in stays unsaid: it may be a session token.
    if (/[^\t\x20-\x7e]/.test(value)) throw new TypeError(`the header ${name} would hold what no header can`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
