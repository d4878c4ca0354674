import { managementHandler } from './manage/handler.ts';
import { revoke } from './manage/operations/revoke.ts';

/** Revokes a key. */
export const handler = managementHandler({ name: 'revoke', operation: revoke });
