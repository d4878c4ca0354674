import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

/** The configuration of a Lambda function. */
export interface FunctionDefinition {
  readonly name: string;
  /** The URL of the bundle, which exports `handler`. */
  readonly bundle: string;
  /** All of the function's environment variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** How long a call can take, in milliseconds. */
  readonly timeoutMs: number;
  /** The maximum size of the heap, in megabytes. @default Node.js's own limit */
  readonly memoryMb?: number;
}

/** What Lambda returns for a failed call. */
interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** The outcome of a call. The payload is JSON. */
export type Outcome =
  { readonly ok: true; readonly payload: string } | { readonly ok: false; readonly error: FunctionError };

/** A call, as it is sent to the execution environment. */
export interface Call {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  /** The version or alias that the caller specified. */
  readonly qualifier: string | undefined;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** Receives a function's log, line by line. */
export type Log = (functionName: string, line: string) => void;

/** An execution environment of a function. As on Lambda, it handles one call at a time. */
export class ExecutionEnvironment {
  readonly #definition: FunctionDefinition;
  readonly #worker: Worker;
  #alive = true;

  constructor(definition: FunctionDefinition, log: Log) {
    this.#definition = definition;
    const { name, bundle, variables, memoryMb } = definition;
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name,
      env: variables,
      workerData: { name, bundle },
      execArgv: [],
      ...(memoryMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
      stdout: true,
      stderr: true,
    });
    this.#worker.on('exit', () => (this.#alive = false));
    // Without a listener, an error between two calls would stop the server.
    this.#worker.on('error', () => undefined);
    for (const input of [this.#worker.stdout, this.#worker.stderr])
      createInterface({ input }).on('line', (line) => {
        log(name, line);
      });
  }

  /** Whether it can handle another call. A crash or a timeout stops it. */
  get alive(): boolean {
    return this.#alive;
  }

  call(call: Omit<Call, 'deadline'>): Promise<Outcome> {
    const { timeoutMs } = this.#definition;
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        this.#worker.off('message', settle).off('error', crashed).off('exit', ended);
        resolve(outcome);
      };
      const fail = (errorType: string, errorMessage: string) => {
        settle({ ok: false, error: { errorType, errorMessage } });
      };
      const crashed = (error: unknown) => {
        this.#alive = false;
        fail('Runtime.UnhandledError', String(error));
      };
      const ended = () => {
        fail('Runtime.ExitError', `RequestId: ${call.requestId} Error: Runtime exited`);
      };
      const timer = setTimeout(() => {
        fail(
          'Sandbox.Timedout',
          `RequestId: ${call.requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
        );
        void this.stop();
      }, timeoutMs);
      this.#worker.on('message', settle).on('error', crashed).on('exit', ended);
      this.#worker.postMessage({ ...call, deadline: Date.now() + timeoutMs } satisfies Call);
    });
  }

  async stop(): Promise<void> {
    this.#alive = false;
    await this.#worker.terminate();
  }
}
