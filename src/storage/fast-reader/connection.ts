import type { Socket } from 'node:net';
import { HttpResponseReader, type HttpResponse, type CompleteResponse } from './http-response.ts';

/** No whole answer came: refused, reset, cut off, not understood, or not in time. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** The connection had served before, and ended without a word: it may have died unseen while the environment was frozen. */
  readonly diedIdle: boolean;

  constructor(diedIdle: boolean, cause: Error & { readonly code?: string }) {
    // Of several addresses that were tried in vain the error has a code, and no message.
    super(`no answer from DynamoDB: ${cause.message || String(cause.code)}`, { cause });
    this.diedIdle = diedIdle;
  }
}

/** A request whose answer has not come. */
interface Exchange {
  readonly reader: HttpResponseReader;
  readonly resolve: (answer: HttpResponse) => void;
  readonly reject: (error: ConnectionError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * One connection. It serves one request at a time, and is closed as soon as an answer is late, cannot be understood, or
 * more comes than was asked for.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #onIdle: (connection: this) => void;
  #exchange: Exchange | undefined;
  #served = false;

  /** @param onIdle called whenever it can take another request */
  constructor(socket: Socket, onIdle: (connection: Connection) => void) {
    this.#socket = socket;
    this.#onIdle = onIdle;
    // A request's timer keeps the process alive; an idle connection does not.
    socket.unref();
    socket.on('data', (chunk: Buffer) => {
      this.#take(chunk);
    });
    socket.on('error', (error) => {
      this.#fail(error);
    });
    socket.on('close', () => {
      this.#fail(new Error('the connection was closed'));
    });
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /**
   * Sends a request. On an open connection its bytes are written before control returns to the event loop: what a
   * Lambda function sends so as its last act is on its way before it is frozen.
   *
   * @throws {ConnectionError} if no whole answer comes, or not within `timeoutMs`
   */
  exchange(request: string, timeoutMs: number): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      // Timers run before sockets are read: after a freeze an answer that has long arrived gets its chance first.
      const timer = setTimeout(() => {
        setImmediate(() => {
          if (this.#exchange === exchange) this.#fail(new Error(`not within ${String(timeoutMs)} ms`), false);
        });
      }, timeoutMs);
      const exchange: Exchange = { reader: new HttpResponseReader(), resolve, reject, timer };
      this.#exchange = exchange;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const { reader } = this.#exchange ?? {};
    if (reader === undefined) {
      this.close();
      return;
    }
    try {
      const whole = reader.take(chunk);
      if (whole !== undefined) this.#finish(whole);
    } catch (error) {
      // It throws nothing but errors.
      this.#fail(error as Error);
    }
  }

  #finish({ answer, staysOpen }: CompleteResponse): void {
    const exchange = this.#settle();
    this.#served = true;
    if (!staysOpen) this.close();
    // Once all is read that came together with it: what nobody has asked for must not meet the next request.
    setImmediate(() => {
      if (this.isOpen) this.#onIdle(this);
      exchange?.resolve(answer);
    });
  }

  #fail(cause: Error, diedIdle = this.#served && this.#exchange?.reader.hasBegun === false): void {
    const exchange = this.#settle();
    this.close();
    exchange?.reject(new ConnectionError(diedIdle, cause));
  }

  #settle(): Exchange | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    clearTimeout(exchange?.timer);
    return exchange;
  }
}
