import { managementHandler } from '../src/management/handler.ts';
import { owner } from '../src/management/operations/owner.ts';

/** Returns whether an owner is suspended. */
export const handler = managementHandler({ name: 'owner', operation: owner });
