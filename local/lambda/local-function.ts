import { randomUUID } from 'node:crypto';
import { ExecutionEnvironment, type FunctionDefinition, type Log, type Outcome } from './environment.ts';

/** Further concurrent calls wait. */
const MAX_ENVIRONMENTS = 4;

/** A Lambda function on this machine. It starts an execution environment for the first call, and more for concurrent calls. */
export class LocalFunction {
  readonly #definition: FunctionDefinition;
  readonly #log: Log;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #waiting: (() => void)[] = [];
  #stopped = false;

  constructor(definition: FunctionDefinition, log: Log) {
    this.#definition = definition;
    this.#log = log;
  }

  /**
   * Invokes the function. Never rejects: an error, a crash, a timeout and a stopped function are outcomes.
   *
   * @param payload JSON
   * @param qualifier the version or alias to invoke, as in `context.invokedFunctionArn` @default none
   */
  async invoke(payload: string, qualifier?: string): Promise<Outcome> {
    const environment = await this.#take();
    if (environment === undefined)
      return { ok: false, error: { errorType: 'Runtime.ExitError', errorMessage: 'The function was stopped' } };
    const outcome = await environment.call({ requestId: randomUUID(), payload, qualifier });
    this.#giveBack(environment);
    if (!outcome.ok)
      this.#log(this.#definition.name, JSON.stringify({ level: 'ERROR', message: 'Invoke Error', ...outcome.error }));
    return outcome;
  }

  /**
   * Stops the function and every call that is running or waiting. After that it starts no environment, because one that was
   * started for a waiting call would keep the process alive.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all([...this.#all].map((environment) => environment.stop()));
  }

  /** Returns an environment for the next call, or `undefined` if the function was stopped. */
  async #take(): Promise<ExecutionEnvironment | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      const idle = this.#idle.pop();
      if (idle?.alive) return idle;
      if (idle !== undefined) this.#all.delete(idle);
      else if (this.#all.size < MAX_ENVIRONMENTS) return this.#start();
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #start(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment(this.#definition, this.#log);
    this.#all.add(environment);
    return environment;
  }

  #giveBack(environment: ExecutionEnvironment): void {
    if (environment.alive) this.#idle.push(environment);
    else this.#all.delete(environment);
    this.#waiting.shift()?.();
  }
}
