import { managementHandler } from './manage/handler.ts';
import { usageOperation } from './manage/operations/usage.ts';
import { usageFromEnvironment } from './store/usage-from-environment.ts';

/** Tells what a key was used for. */
export const handler = managementHandler({
  name: 'usage',
  operation: usageOperation(usageFromEnvironment(process.env)),
});
