import { managementHandler } from './manage/handler.ts';
import { importKeys } from './manage/operations/import.ts';

/** Stores keys that were issued elsewhere. */
export const handler = managementHandler({ name: 'import', operation: importKeys });
