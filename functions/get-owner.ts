import { managementHandler } from './manage/handler.ts';
import { owner } from './manage/operations/owner.ts';

/** Shows whether an owner is suspended. */
export const handler = managementHandler({ name: 'owner', operation: owner });
