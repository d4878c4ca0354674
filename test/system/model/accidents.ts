import { AsyncLocalStorage } from 'node:async_hooks';
import type { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Accident } from './history.ts';

interface Fate {
  readonly accident: Accident;
  writes: number;
  readonly die: () => void;
  dead: boolean;
}

const fates = new AsyncLocalStorage<Fate>();

/** A promise that never settles: a dead process does nothing more. */
const nothingEverMore = () => new Promise<never>(() => undefined);

/** Runs an operation with an accident. `died`: it is unknown which of its writes were applied. */
export function befallen<Result>(accident: Accident | undefined, act: () => Promise<Result>): Promise<Result | 'died'> {
  if (accident === undefined) return act();
  return new Promise((resolve, reject) => {
    const fate: Fate = {
      accident,
      writes: 0,
      dead: false,
      die: () => {
        resolve('died');
      },
    };
    fates.run(fate, () => {
      act().then(resolve, reject);
    });
  });
}

/** A request handler for DynamoDB that injects accidents. */
export class AccidentProneHandler extends NodeHttpHandler {
  override async handle(...call: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const fate = fates.getStore();
    if (fate === undefined) return super.handle(...call);
    if (fate.dead) return nothingEverMore();
    const isWrite = /\.(?:PutItem|UpdateItem|TransactWriteItems)$/.test(call[0].headers['x-amz-target'] ?? '');
    if (!isWrite || ++fate.writes !== fate.accident.write) return super.handle(...call);
    const { what } = fate.accident;
    if (what === 'lost' || what === 'dies after') await this.#unheard(call);
    if (what === 'lost' || what === 'unsent')
      throw Object.assign(new Error('the connection broke'), { name: 'TimeoutError', code: 'ECONNRESET' });
    fate.dead = true;
    fate.die();
    return nothingEverMore();
  }

  /** Discards a response. It is read first, so that its connection becomes free. */
  async #unheard(call: Parameters<NodeHttpHandler['handle']>): Promise<void> {
    const { response } = await super.handle(...call);
    for await (const _ of response.body as Readable);
  }
}
