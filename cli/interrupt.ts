import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does what takes a while and can be interrupted, by Ctrl-C or the end of the terminal. It then ends the program, with 130 for
 * Ctrl-C as shells have it.
 *
 * @param tidy leaves nothing behind, and says how to go on; at once, for nothing is waited for
 */
export async function interruptible<Result>(work: () => Promise<Result>, tidy: () => void): Promise<Result> {
  const interrupt = (signal: (typeof SIGNALS)[number]) => {
    tidy();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
