import type { OnReadOpts, Socket } from 'node:net';
import { HttpResponseReader, type HttpResponse, type CompleteResponse } from './http-response.ts';

/** Thrown if there is no complete response: the connection was refused, reset or cut off, or the response is invalid or late. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** Whether a used connection was closed without a response. It may have been closed while the environment was frozen. */
  readonly diedIdle: boolean;

  constructor(diedIdle: boolean, cause: Error & { readonly code?: string }) {
    // If several addresses failed, the error has a code and no message.
    super(`no response from DynamoDB: ${cause.message || String(cause.code)}`, { cause });
    this.diedIdle = diedIdle;
  }
}

/** Opens a socket that reads into a buffer of the connection. Without one, Node.js allocates 64 kB for each read. */
export type OpenSocket = (onread: OnReadOpts) => Socket;

/** In bytes. Most responses fit. */
const READ_BUFFER_BYTES = 8 * 1024;

/** A request that waits for its response. */
interface Exchange {
  readonly reader: HttpResponseReader;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: ConnectionError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * A connection for one request at a time. It is closed if a response is late or invalid, or if more data arrives than the
 * response.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #onIdle: (connection: this) => void;
  #exchange: Exchange | undefined;
  #served = false;

  /** @param onIdle called when the connection can take another request */
  constructor(open: OpenSocket, onIdle: (connection: Connection) => void) {
    const socket = open({
      buffer: Buffer.alloc(READ_BUFFER_BYTES),
      callback: (length, buffer) => {
        // A copy, because the next read overwrites the buffer.
        this.#take(Buffer.from(buffer.subarray(0, length)));
        return true;
      },
    });
    this.#socket = socket;
    this.#onIdle = onIdle;
    // The timer of a request keeps the process alive. An idle connection must not.
    socket.unref();
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
   * Sends a request. On an open connection, the bytes are written before control returns to the event loop, so a request that
   * a Lambda function sends last is on its way before the environment is frozen.
   *
   * @param timeoutMs the time limit for the complete response, in milliseconds
   * @throws {ConnectionError} if there is no complete response in time
   */
  exchange(request: string, timeoutMs: number): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      // Timers run before sockets are read. After a freeze, a response that has arrived must be read first.
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
      // `take` throws only errors.
      this.#fail(error as Error);
    }
  }

  #finish({ response, staysOpen }: CompleteResponse): void {
    const exchange = this.#settle();
    this.#served = true;
    if (!staysOpen) this.close();
    // After reading all data that arrived with the response: unexpected data must not be taken for the next response.
    setImmediate(() => {
      if (this.isOpen) this.#onIdle(this);
      exchange?.resolve(response);
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
