import { managementHandler } from '../src/management/handler.ts';
import { get } from '../src/management/operations/get.ts';

/** Shows a key. */
export const handler = managementHandler({ name: 'get', operation: get });
