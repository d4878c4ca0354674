import { cacheFlusher } from '../src/management/flush-caches.ts';
import { managementHandler } from '../src/management/handler.ts';
import { flushing, type Flushed } from '../src/management/operations/flushing.ts';
import type { IssuedKey } from '../src/management/operations/issue-key.ts';
import { flushTimeOfRotation, rotate } from '../src/management/operations/rotate.ts';

/** Rotates a key. A retry returns the existing key with status 200. */
export const handler = managementHandler<Flushed<IssuedKey>>({
  name: 'rotate',
  operation: flushing(rotate, cacheFlusher(process.env), flushTimeOfRotation),
  status: ({ key }) => (key === null ? 200 : 201),
});
