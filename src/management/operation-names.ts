/** The management operations, and the entry file in `functions/` of each, without the extension. */
export const OPERATION_ENTRIES = {
  create: 'create-key',
  get: 'get-key',
  list: 'list-keys',
  update: 'update-key',
  rotate: 'rotate-key',
  revoke: 'revoke-key',
  verify: 'verify-key',
  import: 'import-keys',
  export: 'export-keys',
  settings: 'get-settings',
  owner: 'get-owner',
  suspend: 'suspend-owner',
  resume: 'resume-owner',
  usage: 'get-usage',
} as const;

export type OperationName = keyof typeof OPERATION_ENTRIES;

export const OPERATION_NAMES = Object.keys(OPERATION_ENTRIES) as OperationName[];

/** Those on keys themselves, which every deployment has. Usage can be asked for only where it is counted. */
export type KeyOperation = Exclude<OperationName, 'usage'>;

export const KEY_OPERATIONS = OPERATION_NAMES.filter((name): name is KeyOperation => name !== 'usage');

/** The stack outputs that name the table and the authorizer's function. */
export const TABLE_OUTPUT = 'TableName';
export const AUTHORIZER_OUTPUT = 'AuthorizerFunctionName';

/** The stack output that names an operation's function: how the command line finds it. */
export function functionOutput(operation: OperationName): string {
  return `${operation.charAt(0).toUpperCase()}${operation.slice(1)}FunctionName`;
}
