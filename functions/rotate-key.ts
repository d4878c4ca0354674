import { cacheFlusher } from './manage/flush-caches.ts';
import { managementHandler } from './manage/handler.ts';
import { flushing, type Flushed } from './manage/operations/flushing.ts';
import type { IssuedKey } from './manage/operations/issue-key.ts';
import { flushTimeOfRotation, rotate } from './manage/operations/rotate.ts';

/** Rotates a key; a retried call finds the key that it has made before, and answers 200. */
export const handler = managementHandler<Flushed<IssuedKey>>({
  name: 'rotate',
  operation: flushing(rotate, cacheFlusher(process.env), flushTimeOfRotation),
  status: ({ key }) => (key === null ? 200 : 201),
});
