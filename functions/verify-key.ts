import { managementHandler } from '../src/management/handler.ts';
import { verify } from '../src/management/operations/verify.ts';

/** Checks whether a key would be allowed. */
export const handler = managementHandler({ name: 'verify', operation: verify });
