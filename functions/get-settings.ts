import { managementHandler } from '../src/management/handler.ts';
import { settings } from '../src/management/operations/settings.ts';

/** Tells what the keys of a deployment can be. */
export const handler = managementHandler({ name: 'settings', operation: settings });
