import { managementHandler } from './manage/handler.ts';
import { settings } from './manage/operations/settings.ts';

/** Tells what the keys of a deployment can be. */
export const handler = managementHandler({ name: 'settings', operation: settings });
