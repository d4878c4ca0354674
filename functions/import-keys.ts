import { managementHandler } from '../src/management/handler.ts';
import { importKeys } from '../src/management/operations/import.ts';

/** Stores keys that were issued elsewhere. */
export const handler = managementHandler({ name: 'import', operation: importKeys });
