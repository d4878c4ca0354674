/** What may hang did not answer in its time. */
export class LateError extends Error {
  override readonly name = 'LateError';
}

/**
 * Does work that may hang. What becomes of it after its time nobody hears.
 *
 * @param timeoutMs `Infinity`: it may take whatever it takes
 * @throws {LateError} if it is not done in time
 */
export async function withinTime<Answer>(
  name: string,
  timeoutMs: number,
  work: () => Answer | Promise<Answer>,
): Promise<Answer> {
  if (timeoutMs === Infinity) return work();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new LateError(`${name} did not answer within ${String(timeoutMs)} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([late, (async () => work())()]);
  } finally {
    clearTimeout(timer);
  }
}
