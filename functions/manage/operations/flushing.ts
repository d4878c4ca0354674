import type { CacheFlush, FlushCaches } from '../flush-caches.ts';
import type { Operation } from './operation.ts';

/** An answer with what became of the caches. */
export type Flushed<Answer> = Answer & { readonly caches: CacheFlush };

/**
 * An operation that ends a key, and then has the caches forget it. What it has done stands whether or not that
 * works: the answer says which.
 *
 * @param endsKey whether this input ends a key at once. @default it does
 */
export function flushing<Answer extends object>(
  operation: Operation<Answer>,
  flushCaches: FlushCaches,
  endsKey: (input: unknown) => boolean = () => true,
): Operation<Flushed<Answer>> {
  return async (context, input) => {
    const answer = await operation(context, input);
    const caches = endsKey(input) ? await flushCaches() : { flushed: [], failed: [] };
    return { ...answer, caches };
  };
}
