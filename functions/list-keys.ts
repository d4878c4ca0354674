import { managementHandler } from './manage/handler.ts';
import { list } from './manage/operations/list.ts';

/** Lists keys. */
export const handler = managementHandler({ name: 'list', operation: list });
