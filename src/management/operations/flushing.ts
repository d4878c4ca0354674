import type { CacheFlush, CacheFlusher } from '../cache-flusher.ts';
import type { Operation } from './operation.ts';

/** A result, with the outcome of flushing the authorizer caches. */
export type Flushed<Answer> = Answer & { readonly caches: CacheFlush };

/**
 * When the caches are flushed: `now`, before the response; `later`, by another call, so that many revocations need only
 * one flush; `never`, because no key stopped working.
 */
export type FlushTime = 'now' | 'later' | 'never';

/**
 * Adds a flush of the authorizer caches to an operation that stops keys from working. If the flush fails, the operation's
 * change stays in effect.
 *
 * @param flushTime returns when to flush, for an input that the operation has accepted. @default now
 */
export function flushing<Answer extends object>(
  operation: Operation<Answer>,
  flusher: CacheFlusher,
  flushTime: (input: unknown) => FlushTime = () => 'now',
): Operation<Flushed<Answer>> {
  return async (context, input) => {
    const answer = await operation(context, input);
    const caches = {
      now: () => flusher.flush(context.remainingMs?.() ?? Infinity),
      later: () => ({ flushed: [], pending: flusher.stages, failed: [] }),
      never: () => ({ flushed: [], pending: [], failed: [] }),
    };
    return { ...answer, caches: await caches[flushTime(input)]() };
  };
}
