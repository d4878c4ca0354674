import type { Socket } from 'node:net';
import { AnswerReader, type Answer, type WholeAnswer } from './http-answer.ts';

/** No whole answer came: refused, reset, cut off, or not in time. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** The connection had served before, so it may have died unseen while the environment was frozen. */
  readonly reused: boolean;

  constructor(reused: boolean, cause: Error & { readonly code?: string }) {
    // Of several addresses that were tried in vain the error has a code, and no message.
    super(`no answer from DynamoDB: ${cause.message || String(cause.code)}`, { cause });
    this.reused = reused;
  }
}

/** A request whose answer has not come. */
interface Exchange {
  readonly reader: AnswerReader;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: ConnectionError) => void;
  readonly timer: NodeJS.Timeout;
}

/** One connection. It serves one request at a time: which answer belongs to which is never in question. */
export class Connection {
  readonly #socket: Socket;
  readonly #onIdle: () => void;
  #exchange: Exchange | undefined;
  #served = false;
  #fault = new Error('the connection was closed');

  /**
   * @param on.idle it can take a request
   * @param on.close it never will again
   */
  constructor(socket: Socket, on: { readonly idle: () => void; readonly close: () => void }) {
    this.#socket = socket;
    this.#onIdle = on.idle;
    socket.on('data', (chunk: Buffer) => {
      this.#take(chunk);
    });
    socket.on('end', () => {
      this.#finish(this.#exchange?.reader.end());
    });
    socket.on('error', (error) => {
      this.#fault = error;
    });
    socket.on('close', () => {
      on.close();
      this.#settle()?.reject(new ConnectionError(this.#served, this.#fault));
    });
  }

  /**
   * Sends a request. On an open connection its bytes are written before control returns to the event loop: what a
   * Lambda function sends so as its last act is on its way before it is frozen.
   *
   * @throws {ConnectionError} if no whole answer comes, or not within `timeoutMs`
   */
  exchange(request: string, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // Timers run before sockets are read: after a freeze an answer that has long arrived gets its chance first.
      const timer = setTimeout(() => {
        setImmediate(() => {
          this.#giveUp(exchange, timeoutMs);
        });
      }, timeoutMs);
      const exchange: Exchange = { reader: new AnswerReader(), resolve, reject, timer };
      this.#exchange = exchange;
      this.#socket.ref();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    try {
      // With nothing asked, nothing may come.
      if (this.#exchange === undefined) this.#socket.destroy();
      else this.#finish(this.#exchange.reader.take(chunk));
    } catch (error) {
      // It throws nothing but errors.
      this.#socket.destroy(error as Error);
    }
  }

  #finish(whole: WholeAnswer | undefined): void {
    if (whole === undefined) return;
    const exchange = this.#settle();
    this.#served = true;
    if (whole.staysOpen) {
      // Idle, it keeps no process alive.
      this.#socket.unref();
      this.#onIdle();
    } else {
      this.#socket.destroy();
    }
    exchange?.resolve(whole.answer);
  }

  #giveUp(exchange: Exchange, timeoutMs: number): void {
    if (this.#exchange === exchange) this.#socket.destroy(new Error(`not within ${String(timeoutMs)} ms`));
  }

  #settle(): Exchange | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    clearTimeout(exchange?.timer);
    return exchange;
  }
}
