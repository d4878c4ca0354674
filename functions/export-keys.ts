import { managementHandler } from '../src/management/handler.ts';
import { exportKeys } from '../src/management/operations/export.ts';

/** Exports the records of keys, without the keys themselves. */
export const handler = managementHandler({ name: 'export', operation: exportKeys });
