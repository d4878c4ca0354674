import { managementHandler } from '../src/management/handler.ts';
import { create } from '../src/management/operations/create.ts';

/** Creates a key. A retry returns the existing key with status 200. */
export const handler = managementHandler({
  name: 'create',
  operation: create,
  status: ({ key }) => (key === null ? 200 : 201),
});
