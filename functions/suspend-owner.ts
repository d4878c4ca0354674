import { cacheFlusher } from '../src/management/flush-caches.ts';
import { managementHandler } from '../src/management/handler.ts';
import { flushing } from '../src/management/operations/flushing.ts';
import { suspend } from '../src/management/operations/owner.ts';

/** Suspends an owner, and flushes the authorizer caches. */
export const handler = managementHandler({ name: 'suspend', operation: flushing(suspend, cacheFlusher(process.env)) });
