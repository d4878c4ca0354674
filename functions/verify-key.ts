import { managementHandler } from './manage/handler.ts';
import { verify } from './manage/operations/verify.ts';

/** Tells whether a key would be let in. */
export const handler = managementHandler({ name: 'verify', operation: verify });
