import { fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement, Task } from './child.ts';

export const BUILT = 'dist/bench';

/** A handler to measure. */
export interface Variant {
  readonly bundle: string;
  /** The bytes that a cold start loads. */
  readonly bytes: number;
  /** Environment variables in addition to the common ones. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Measures a handler in a new process. Its log goes to a file, because a function on Lambda also logs to a file descriptor.
 */
export async function measure(
  { bundle, environment }: Variant,
  task: Omit<Task, 'bundle'>,
  common: Readonly<Record<string, string>>,
): Promise<Measurement> {
  const log = openSync(join(BUILT, 'log'), 'w');
  const child = fork(join(BUILT, 'child/index.mjs'), {
    env: { ...common, ...environment },
    stdio: ['ignore', log, 'inherit', 'ipc'],
    execArgv: [],
  });
  try {
    return await new Promise<Measurement>((resolve, reject) => {
      child.once('message', (measurement) => {
        resolve(measurement as Measurement);
      });
      child.once('exit', (code) => {
        reject(new Error(`the process of ${bundle} exited with code ${String(code)}`));
      });
      child.send({ bundle, ...task } satisfies Task);
    });
  } finally {
    closeSync(log);
    child.kill();
  }
}
