import { OPERATION_ENTRIES, type KeyOperation, type OperationName } from '../src/management/operation-names.ts';
import { BY_CREATION, LIST_INDEXES } from '../src/storage/table.ts';
import type { TableAccess } from './table-access.ts';

export interface ManagementFunction {
  /** Its entry file in `functions/`, without the extension. */
  readonly entry: string;
  readonly description: string;
  readonly access: TableAccess;
}

/** The management functions, and what each may do with the table: a test compares it with what each does. */
export const MANAGEMENT = {
  create: { entry: OPERATION_ENTRIES.create, description: 'Creates an API key', access: { write: ['PutItem'] } },
  get: { entry: OPERATION_ENTRIES.get, description: 'Shows an API key', access: { read: ['GetItem'] } },
  list: {
    entry: OPERATION_ENTRIES.list,
    description: 'Lists API keys',
    access: { read: ['BatchGetItem'], queryIndexes: LIST_INDEXES },
  },
  update: {
    entry: OPERATION_ENTRIES.update,
    description: 'Changes an API key',
    access: { read: ['GetItem'], write: ['UpdateItem'] },
  },
  rotate: {
    entry: OPERATION_ENTRIES.rotate,
    description: 'Replaces an API key by a new one',
    access: { read: ['GetItem'], write: ['PutItem', 'UpdateItem'] },
  },
  revoke: {
    entry: OPERATION_ENTRIES.revoke,
    description: 'Revokes an API key',
    access: { read: ['GetItem'], write: ['UpdateItem'] },
  },
  verify: {
    entry: OPERATION_ENTRIES.verify,
    description: 'Tells whether an API key would be let in',
    access: { read: ['GetItem'] },
  },
  import: {
    entry: OPERATION_ENTRIES.import,
    description: 'Stores API keys that were issued elsewhere',
    access: { read: ['BatchGetItem'], write: ['PutItem'] },
  },
  export: {
    entry: OPERATION_ENTRIES.export,
    description: 'Hands out all about the API keys but the keys',
    access: { read: ['BatchGetItem'], queryIndexes: [BY_CREATION] },
  },
  settings: {
    entry: OPERATION_ENTRIES.settings,
    description: 'Tells what the API keys of this deployment can be',
    access: {},
  },
  owner: {
    entry: OPERATION_ENTRIES.owner,
    description: 'Shows whether an owner of API keys is suspended',
    access: { read: ['GetItem'] },
  },
  suspend: {
    entry: OPERATION_ENTRIES.suspend,
    description: 'Suspends an owner of API keys',
    access: { write: ['UpdateItem'] },
  },
  resume: {
    entry: OPERATION_ENTRIES.resume,
    description: 'Lifts the suspension of an owner of API keys',
    access: { write: ['UpdateItem'] },
  },
} as const satisfies Record<KeyOperation, ManagementFunction>;

/** What only works, and is only given access to the table, where owners can be suspended. */
export const OWNER_OPERATIONS: readonly KeyOperation[] = ['owner', 'suspend', 'resume'];

/** An operation in the names of constructs and outputs. */
export function titleOf(operation: OperationName): string {
  return operation.charAt(0).toUpperCase() + operation.slice(1);
}
