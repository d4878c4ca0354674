import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

/**
 * The result of flushing the authorizer caches after a key was revoked. Stages have names such as `rest/a1b2c3d4e5/prod`.
 * If the stages of another stack could not be read, the result has the name of the Systems Manager parameter that lists
 * them, such as `/latchkey/Authorizer-1A2B3C/Orders`.
 */
export interface CacheFlush {
  /** Stages that reject the key from now on. No request that read the old record can refill their caches. */
  readonly flushed: readonly string[];
  /**
   * Stages whose last flush was not made, because API Gateway throttled it, the function ran out of time, or the caller
   * deferred it. A cached result can allow the key there until it expires. Revoke again to flush.
   */
  readonly pending: readonly string[];
  /** Stages that could not be flushed. A cached result can allow the key there until it expires. Revoke again to retry. */
  readonly failed: readonly string[];
}

/** The authorizer cache of one stage. */
export interface AuthorizerCache {
  readonly name: string;
  /** Flushes it once. Rejects if API Gateway does not accept the call. */
  readonly flush: () => Promise<unknown>;
}

/** Flushes authorizer caches after a revocation. */
export interface CacheFlusher {
  /** The names of the stages. */
  readonly stages: readonly string[];
  /**
   * Flushes every stage now, so that most requests are rejected immediately. Flushes again when every request that read
   * the key before this call has completed. Throttled calls are retried. The promise never rejects.
   *
   * @param remainingMs how long the caller can wait, in milliseconds
   */
  flush(remainingMs: number): Promise<CacheFlush>;
}

export interface CacheFlusherOptions {
  /** The longest that one call of {@link AuthorizerCache.flush} can take, in milliseconds. */
  readonly callTimeoutMs: number;
  /** How long after the revocation the last flush is made, in milliseconds: `SETTLE_MS`. */
  readonly settleMs: number;
  /** Called for each stage that was not flushed, for the log. */
  readonly report: (stage: string, outcome: 'pending' | 'failed', error: Error) => void;
}

/** The longest pauses between two attempts, with full jitter. API Gateway accepts 10 calls per second per account. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3000;

/** The time that the caller needs to return its response, in milliseconds. */
const RESPONSE_RESERVE_MS = 500;

/** Returns a flusher for these caches. */
export function createCacheFlusher(
  caches: readonly AuthorizerCache[],
  { callTimeoutMs, settleMs, report }: CacheFlusherOptions,
): CacheFlusher {
  return {
    stages: caches.map(({ name }) => name),
    flush: async (remainingMs) => {
      const start = performance.now();
      const settled = start + settleMs;
      const lastCall = start + remainingMs - callTimeoutMs - RESPONSE_RESERVE_MS;
      const outcomes = await Promise.all(
        caches.map(async (cache) => {
          try {
            await flushTwice(cache, settled, lastCall);
            return { name: cache.name, outcome: 'flushed' };
          } catch (error) {
            const outcome = isPending(error) ? 'pending' : 'failed';
            report(cache.name, outcome, error as Error);
            return { name: cache.name, outcome };
          }
        }),
      );
      const named = (wanted: string) => outcomes.filter(({ outcome }) => outcome === wanted).map(({ name }) => name);
      return { flushed: named('flushed'), pending: named('pending'), failed: named('failed') };
    },
  };
}

/** Thrown if there is not enough time to wait for the requests in flight. */
class NoTimeError extends Error {
  override readonly name = 'NoTimeError';
}

async function flushTwice({ flush }: AuthorizerCache, settled: number, lastCall: number): Promise<void> {
  try {
    await withRetries(flush, Math.min(settled, lastCall));
  } catch (error) {
    // The last flush can still succeed, and only its result counts.
    if (!isRetryable(error)) throw error;
  }
  if (settled > lastCall) throw new NoTimeError('no time was left to wait for the requests in flight');
  await delay(Math.max(0, settled - performance.now()));
  await withRetries(flush, lastCall);
}

/** Calls `flush` until it succeeds, fails permanently, or no other attempt can start before `lastCall`. */
async function withRetries(flush: () => Promise<unknown>, lastCall: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await flush();
      return;
    } catch (error) {
      const pause = Math.random() * Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
      if (!isRetryable(error) || performance.now() + pause > lastCall) throw error;
      await delay(pause);
    }
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** The parameter type of the SDK's retry predicates. All its fields are optional. */
type SdkError = Parameters<typeof isThrottlingError>[0];

function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error;
}

function isRetryable(error: unknown): boolean {
  return isSdkError(error) && (isThrottlingError(error) || isTransientError(error) || isServerError(error));
}

function isPending(error: unknown): boolean {
  return error instanceof NoTimeError || (isSdkError(error) && isThrottlingError(error));
}
