import { managementHandler } from '../src/management/handler.ts';
import { settings } from '../src/management/operations/settings.ts';

/** Returns the settings of a deployment's keys. */
export const handler = managementHandler({ name: 'settings', operation: settings });
