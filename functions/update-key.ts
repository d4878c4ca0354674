import { managementHandler } from './manage/handler.ts';
import { update } from './manage/operations/update.ts';

/** Changes a key's name, scopes, metadata, limits or expiry. */
export const handler = managementHandler({ name: 'update', operation: update });
