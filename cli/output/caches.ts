import type { CacheFlush } from '../../functions/manage/flush-caches.ts';
import { note, styledNote } from './screen.ts';

/**
 * Says where keys that have ended can still get in for a while.
 *
 * @param keys such as "the old key"
 * @param again the command that has the caches flushed once more
 */
export function noteCaches({ flushed, failed }: CacheFlush, keys: string, again: string): void {
  const [where, elsewhere] =
    flushed.length === 0 ? ['No cache was flushed', 'where one is'] : [`Flushed: ${flushed.join(', ')}`, 'elsewhere'];
  note(`${where}; ${elsewhere} ${keys} can get in for up to the cache TTL.`);
  if (failed.length > 0)
    note(styledNote('red', `Not flushed: ${failed.join(', ')}, where it should be. "${again}" flushes again.`));
}
