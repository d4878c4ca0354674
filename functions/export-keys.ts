import { managementHandler } from './manage/handler.ts';
import { exportKeys } from './manage/operations/export.ts';

/** Hands out everything about the keys but the keys. */
export const handler = managementHandler({ name: 'export', operation: exportKeys });
