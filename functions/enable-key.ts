import { managementHandler } from '../src/management/handler.ts';
import { enable } from '../src/management/operations/disable.ts';

/** Enables a disabled key. */
export const handler = managementHandler({ name: 'enable', operation: enable });
