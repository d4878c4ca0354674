import type { TableAccess } from './table-access.ts';

export interface ManagementFunction {
  /** Its entry file in `functions/`, without the extension. */
  readonly entry: string;
  readonly description: string;
  readonly access: TableAccess;
}

/** The management functions, and what each may do with the table: a test compares it with what each does. */
export const MANAGEMENT = {
  create: { entry: 'create-key', description: 'Creates an API key', access: { write: ['PutItem'] } },
  get: { entry: 'get-key', description: 'Shows an API key', access: { read: ['GetItem'] } },
  list: {
    entry: 'list-keys',
    description: 'Lists API keys',
    access: { read: ['BatchGetItem'], queryIndexes: true },
  },
  update: {
    entry: 'update-key',
    description: 'Changes an API key',
    access: { read: ['GetItem'], write: ['UpdateItem'] },
  },
  rotate: {
    entry: 'rotate-key',
    description: 'Replaces an API key by a new one',
    access: { read: ['GetItem'], write: ['PutItem', 'UpdateItem'] },
  },
  revoke: {
    entry: 'revoke-key',
    description: 'Revokes an API key',
    access: { read: ['GetItem'], write: ['UpdateItem'] },
  },
  verify: {
    entry: 'verify-key',
    description: 'Tells whether an API key would be let in',
    access: { read: ['GetItem'] },
  },
} as const satisfies Record<string, ManagementFunction>;

export type ManagementOperation = keyof typeof MANAGEMENT;

export const MANAGEMENT_OPERATIONS = Object.keys(MANAGEMENT) as ManagementOperation[];

/** An operation in the names of constructs and outputs. */
export function titleOf(operation: ManagementOperation): string {
  return operation.charAt(0).toUpperCase() + operation.slice(1);
}
