import { cacheFlusher } from './manage/flush-caches.ts';
import { managementHandler } from './manage/handler.ts';
import { flushing } from './manage/operations/flushing.ts';
import { flushTimeOfRevocation, revoke } from './manage/operations/revoke.ts';

/** Revokes a key, and flushes the authorizer caches. */
export const handler = managementHandler({
  name: 'revoke',
  operation: flushing(revoke, cacheFlusher(process.env), flushTimeOfRevocation),
});
