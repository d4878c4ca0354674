import { managementHandler } from '../src/management/handler.ts';
import { resume } from '../src/management/operations/owner.ts';

/** Resumes a suspended owner. */
export const handler = managementHandler({ name: 'resume', operation: resume });
