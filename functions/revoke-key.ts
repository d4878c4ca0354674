import { cacheFlusher } from './manage/flush-caches.ts';
import { managementHandler } from './manage/handler.ts';
import { flushing } from './manage/operations/flushing.ts';
import { revoke } from './manage/operations/revoke.ts';

/** Revokes a key, and has the caches forget it. */
export const handler = managementHandler({ name: 'revoke', operation: flushing(revoke, cacheFlusher(process.env)) });
