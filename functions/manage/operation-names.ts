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
} as const;

export type OperationName = keyof typeof OPERATION_ENTRIES;

export const OPERATION_NAMES = Object.keys(OPERATION_ENTRIES) as OperationName[];

/** The stack outputs that name the table and the authorizer's function. */
export const TABLE_OUTPUT = 'TableName';
export const AUTHORIZER_OUTPUT = 'AuthorizerFunctionName';

/** The stack output that names an operation's function: how the command line finds it. */
export function functionOutput(operation: OperationName): string {
  return `${operation.charAt(0).toUpperCase()}${operation.slice(1)}FunctionName`;
}
