import { managementHandler } from '../src/management/handler.ts';
import { importKeys } from '../src/management/operations/import.ts';

/** Imports keys that another system issued. */
export const handler = managementHandler({ name: 'import', operation: importKeys });
