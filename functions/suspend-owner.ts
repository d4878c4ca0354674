import { cacheFlusher } from './manage/flush-caches.ts';
import { managementHandler } from './manage/handler.ts';
import { flushing } from './manage/operations/flushing.ts';
import { suspend } from './manage/operations/owner.ts';

/** Suspends an owner, and flushes the authorizer caches. */
export const handler = managementHandler({ name: 'suspend', operation: flushing(suspend, cacheFlusher(process.env)) });
