import { cacheFlusher } from '../src/management/flush-caches.ts';
import { managementHandler } from '../src/management/handler.ts';
import { disable, flushTimeOfDisabling } from '../src/management/operations/disable.ts';
import { flushing } from '../src/management/operations/flushing.ts';

/** Disables a key, and flushes the authorizer caches. */
export const handler = managementHandler({
  name: 'disable',
  operation: flushing(disable, cacheFlusher(process.env), flushTimeOfDisabling),
});
