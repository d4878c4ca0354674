import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { RawHeaders } from './signer.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** No whole answer came: refused, reset, cut off, or not in time. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** The connection had served before, so it may have died unseen while the environment was frozen. */
  readonly reused: boolean;

  constructor(reused: boolean, cause: unknown) {
    super(`no answer from DynamoDB: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.reused = reused;
  }
}

/** As many as the SDK opens. */
const MAX_SOCKETS = 50;

/** Connections to one address, kept open from one invocation to the next. */
export class Connections {
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #request: typeof httpRequest;
  readonly #target: { host: string; port: string; path: string; method: 'POST' };

  constructor(url: URL) {
    const secure = url.protocol === 'https:';
    const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this.#agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
    this.#request = secure ? httpsRequest : httpRequest;
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    this.#target = { host, port: url.port, path: url.pathname, method: 'POST' };
  }

  /**
   * One request and its answer. With a connection at hand its bytes are written before control returns to the
   * event loop: what a Lambda function sends so as its last act is on its way before it is frozen.
   *
   * @throws {ConnectionError} if no whole answer comes, or not within `timeoutMs`
   */
  post(headers: RawHeaders, body: string, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = this.#request({ ...this.#target, headers, agent: this.#agent });
      // Timers run before sockets are read: after a freeze an answer that has long arrived gets its chance first.
      const timer = setTimeout(
        () => setImmediate(() => request.destroy(new Error(`not within ${String(timeoutMs)} ms`))),
        timeoutMs,
      );
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(new ConnectionError(request.reusedSocket, error));
      };
      request.on('error', fail);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('error', fail);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          clearTimeout(timer);
          const [only, another] = chunks;
          const whole = only !== undefined && another === undefined ? only : Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole });
        });
      });
      request.end(body);
    });
  }

  /** Closes what is idle: when one connection has died unseen, the others are no better. */
  dropIdle(): void {
    for (const socket of Object.values(this.#agent.freeSockets).flat()) socket?.destroy();
  }
}
