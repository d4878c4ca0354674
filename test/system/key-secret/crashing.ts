/** When a process is killed: before or after its `call`-th request, counted from 0. */
export interface CrashPoint {
  readonly call: number;
  /** `after`: the service has carried out the request, and its response is lost. */
  readonly moment: 'before' | 'after';
}

/** A request of a process. */
export interface Call {
  /** The step of the rotation that sent it. */
  readonly step: string;
  /** The name of the SDK's command. */
  readonly command: string;
}

/** Counts the requests of AWS SDK clients and, at a crash point, kills the process that sends them. */
export class Crashing {
  /** The requests that were sent, in order. */
  readonly calls: Call[] = [];
  /** The step that the process is running. */
  step = '';
  #point: CrashPoint | undefined;
  #isDead = false;

  /** Starts a new process, which is killed at this point. */
  restart(point?: CrashPoint): void {
    this.calls.length = 0;
    this.#point = point;
    this.#isDead = false;
  }

  /** Runs a request of the process. */
  async send<Result>(command: string, request: () => Promise<Result>): Promise<Result> {
    const call = this.calls.push({ step: this.step, command }) - 1;
    this.#dieAt(call, 'before');
    try {
      return await request();
    } finally {
      // The response is lost, whether the service carried the request out or rejected it.
      this.#dieAt(call, 'after');
    }
  }

  /** Whether the process was killed: nothing that it does from then on has an effect. */
  get isDead(): boolean {
    return this.#isDead;
  }

  #dieAt(call: number, moment: CrashPoint['moment']): void {
    if (this.#point?.call === call && this.#point.moment === moment) this.#isDead = true;
    if (this.#isDead) throw new Error(`killed ${moment} call ${String(call)}`);
  }

  /** Returns a client that sends its requests as the process. */
  watch<Watched extends { send(command: never): Promise<unknown> }>(client: Watched): Watched {
    const send = client.send.bind(client) as (command: object) => Promise<unknown>;
    return new Proxy(client, {
      get: (target, property, receiver) =>
        property === 'send'
          ? (command: object) => this.send(command.constructor.name, () => send(command))
          : (Reflect.get(target, property, receiver) as unknown),
    });
  }
}
