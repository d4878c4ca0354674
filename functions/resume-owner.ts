import { managementHandler } from './manage/handler.ts';
import { resume } from './manage/operations/owner.ts';

/** Lifts an owner's suspension. */
export const handler = managementHandler({ name: 'resume', operation: resume });
