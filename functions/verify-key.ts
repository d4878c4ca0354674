import { managementHandler } from '../src/management/handler.ts';
import { verify } from '../src/management/operations/verify.ts';

/** Tells whether a key would be let in. */
export const handler = managementHandler({ name: 'verify', operation: verify });
