import { managementHandler } from './manage/handler.ts';
import { create } from './manage/operations/create.ts';

/** Creates a key; a retried call finds the key that it has made before, and answers 200. */
export const handler = managementHandler({
  name: 'create',
  operation: create,
  status: ({ key }) => (key === null ? 200 : 201),
});
