import type { CacheFlush, CacheFlusher } from '../cache-flusher.ts';
import type { Operation } from './operation.ts';

/** A response with what became of the authorizer caches. */
export type Flushed<Answer> = Answer & { readonly caches: CacheFlush };

/**
 * When the caches are flushed: `now`, before the response; `later`, by another call, so that many revocations need one
 * flush; `never`, because no key stopped working.
 */
export type FlushTime = 'now' | 'later' | 'never';

/**
 * Adds a flush of the authorizer caches to an operation that stops keys from working. The operation's change stays,
 * whether or not the flush succeeds.
 *
 * @param flushTime decides by the input, which the operation has accepted. @default now
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
