import { managementHandler } from '../src/management/handler.ts';
import { resume } from '../src/management/operations/owner.ts';

/** Lifts an owner's suspension. */
export const handler = managementHandler({ name: 'resume', operation: resume });
