import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work that can be interrupted by Ctrl-C or by closing the terminal. The process then exits with the code of the signal, as
 * shells expect: 130 for Ctrl-C.
 *
 * @param cleanUp synchronously removes what the work has left, and says how to continue
 */
export async function interruptible<Result>(work: () => Promise<Result>, cleanUp: () => void): Promise<Result> {
  const interrupt = (signal: (typeof SIGNALS)[number]) => {
    cleanUp();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
