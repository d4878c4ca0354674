import type { CacheFlush } from '../../src/management/cache-flusher.ts';
import { note } from './screen.ts';
import { styledNote } from './terminal-text.ts';

/**
 * Reports where keys that have stopped working can still be allowed for a while.
 *
 * @param keys such as "the old key"
 * @param again the command that flushes the caches again
 */
export function noteCaches({ flushed, pending, failed }: CacheFlush, keys: string, again: string): void {
  if (flushed.length > 0) note(`Cache flushed: ${flushed.join(', ')}. Requests with ${keys} are rejected there.`);
  const elsewhere = [...flushed, ...pending, ...failed].length > 0 ? 'On other stages' : 'No cache was flushed:';
  note(`${elsewhere} a cached result can allow ${keys} for up to the cache TTL.`);
  if (pending.length > 0) warn(`Cache flush pending: ${pending.join(', ')}. Run "${again}" to flush again.`);
  if (failed.length > 0) warn(`Cache flush failed: ${failed.join(', ')}. Run "${again}" to flush again.`);
}

/** Whether some stage was not flushed, where a cached result can still allow the key. */
export function isUnflushed({ pending, failed }: CacheFlush): boolean {
  return pending.length + failed.length > 0;
}

function warn(text: string): void {
  note(styledNote('red', text));
}
