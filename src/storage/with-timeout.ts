/** An operation did not finish in its time. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Runs an operation with a timeout. The operation is not aborted: its result after that time is ignored.
 *
 * @param name the name of the operation in the error
 * @param timeoutMs in milliseconds; `Infinity` for no timeout
 * @throws {TimeoutError} if the operation does not finish in time
 */
export async function withTimeout<Result>(
  name: string,
  timeoutMs: number,
  run: () => Result | Promise<Result>,
): Promise<Result> {
  if (timeoutMs === Infinity) return run();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TimeoutError(`${name} did not respond within ${String(timeoutMs)} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([timeout, (async () => run())()]);
  } finally {
    clearTimeout(timer);
  }
}
