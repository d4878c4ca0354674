import { managementHandler } from '../src/management/handler.ts';
import { list } from '../src/management/operations/list.ts';

/** Lists keys. */
export const handler = managementHandler({ name: 'list', operation: list });
