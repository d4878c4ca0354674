import { managementHandler } from './manage/handler.ts';
import { rotate } from './manage/operations/rotate.ts';

/** Rotates a key; a retried call finds the key that it has made before, and answers 200. */
export const handler = managementHandler({
  name: 'rotate',
  operation: rotate,
  status: ({ key }) => (key === null ? 200 : 201),
});
