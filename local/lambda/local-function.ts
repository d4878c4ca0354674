import { randomUUID } from 'node:crypto';
import { ExecutionEnvironment, type FunctionDefinition, type Log, type Outcome } from './environment.ts';

/** More calls at once than this wait for their turn. */
const MAX_ENVIRONMENTS = 4;

/** A Lambda function on this machine: a built bundle, started on its first call and again as calls overlap. */
export class LocalFunction {
  readonly #definition: FunctionDefinition;
  readonly #log: Log;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #waiting: (() => void)[] = [];

  constructor(definition: FunctionDefinition, log: Log) {
    this.#definition = definition;
    this.#log = log;
  }

  /**
   * Calls the function. Never rejects: a throw, a crash and a timeout are outcomes.
   *
   * @param payload JSON
   */
  async invoke(payload: string): Promise<Outcome> {
    const environment = await this.#take();
    const outcome = await environment.call({ requestId: randomUUID(), payload });
    this.#giveBack(environment);
    if (!outcome.ok)
      this.#log(this.#definition.name, JSON.stringify({ level: 'ERROR', message: 'Invoke Error', ...outcome.error }));
    return outcome;
  }

  /** Ends it, and with it every call that is still running. */
  async stop(): Promise<void> {
    await Promise.all([...this.#all].map((environment) => environment.stop()));
  }

  async #take(): Promise<ExecutionEnvironment> {
    for (;;) {
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
