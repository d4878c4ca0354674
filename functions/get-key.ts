import { managementHandler } from '../src/management/handler.ts';
import { get } from '../src/management/operations/get.ts';

/** Returns a key's record. */
export const handler = managementHandler({ name: 'get', operation: get });
