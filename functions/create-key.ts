import { managementHandler } from '../src/management/handler.ts';
import { create } from '../src/management/operations/create.ts';

/** Creates a key; a retried call finds the key that it has made before, and answers 200. */
export const handler = managementHandler({
  name: 'create',
  operation: create,
  status: ({ key }) => (key === null ? 200 : 201),
});
