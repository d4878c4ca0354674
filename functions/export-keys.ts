import { managementHandler } from '../src/management/handler.ts';
import { exportKeys } from '../src/management/operations/export.ts';

/** Hands out everything about the keys but the keys. */
export const handler = managementHandler({ name: 'export', operation: exportKeys });
