import { cacheFlusher } from '../src/management/flush-caches.ts';
import { managementHandler } from '../src/management/handler.ts';
import { flushing } from '../src/management/operations/flushing.ts';
import { flushTimeOfRevocation, revoke } from '../src/management/operations/revoke.ts';

/** Revokes a key, and flushes the authorizer caches. */
export const handler = managementHandler({
  name: 'revoke',
  operation: flushing(revoke, cacheFlusher(process.env), flushTimeOfRevocation),
});
