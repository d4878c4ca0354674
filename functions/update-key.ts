import { managementHandler } from '../src/management/handler.ts';
import { update } from '../src/management/operations/update.ts';

/** Updates a key's name, scopes, metadata, limits or expiry. */
export const handler = managementHandler({ name: 'update', operation: update });
