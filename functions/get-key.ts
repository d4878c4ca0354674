import { managementHandler } from './manage/handler.ts';
import { get } from './manage/operations/get.ts';

/** Shows a key. */
export const handler = managementHandler({ name: 'get', operation: get });
