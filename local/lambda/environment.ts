import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

/** What a function is, to itself and to whoever runs it. */
export interface FunctionDefinition {
  readonly name: string;
  /** URL of the bundle, which exports `handler`. */
  readonly bundle: string;
  /** The environment variables it sees, and no others. */
  readonly variables: Readonly<Record<string, string>>;
  /** After this a call is given up. */
  readonly timeoutMs: number;
  /** Past so much heap it is ended. @default what the machine has */
  readonly memoryMb?: number;
}

/** What Lambda answers for a call that failed. */
interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** A call's outcome; the payload is JSON. */
export type Outcome =
  { readonly ok: true; readonly payload: string } | { readonly ok: false; readonly error: FunctionError };

/** One call, as it is sent into the environment. */
export interface Call {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  /** The version or alias that the caller has named. */
  readonly qualifier: string | undefined;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** A function's log, line by line. */
export type Log = (functionName: string, line: string) => void;

/** A running copy of a function, with an environment of its own. As on Lambda it takes one call at a time. */
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
    // Otherwise an error between two calls would bring down the server.
    this.#worker.on('error', () => undefined);
    for (const input of [this.#worker.stdout, this.#worker.stderr])
      createInterface({ input }).on('line', (line) => {
        log(name, line);
      });
  }

  /** Whether it can take another call: a crash or a timeout ends it. */
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
