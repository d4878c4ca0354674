import { managementHandler } from '../src/management/handler.ts';
import { usageOperation } from '../src/management/operations/usage.ts';
import { usageFromEnvironment } from '../src/usage/usage-from-environment.ts';

/** Returns a key's usage by day and route. */
export const handler = managementHandler({
  name: 'usage',
  operation: usageOperation(usageFromEnvironment(process.env)),
});
