import { inputNames } from '../core/keys/key-fields.ts';
import { BY_CREATION, LIST_INDEXES, type IndexSchema } from '../storage/table.ts';

/** A route of the admin API, which authorizes every request with IAM. */
interface OperationRoute {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** The path in API Gateway's notation. A parameter in braces is a field of the input. */
  readonly path: string;
  /** Whether the hosted console calls it too. @default false */
  readonly inConsole?: boolean;
}

/** The DynamoDB actions that an operation needs on the keys table. A transaction needs the actions of its parts. */
export interface OperationAccess {
  readonly read?: readonly ('GetItem' | 'BatchGetItem')[];
  readonly write?: readonly ('PutItem' | 'UpdateItem')[];
  /** The indexes that it queries. It never queries the table itself. */
  readonly queryIndexes?: readonly IndexSchema[];
}

/** The static description of an operation. */
interface OperationDefinition {
  /** The entry file in `functions/`, without the extension. */
  readonly entry: string;
  /** One sentence, which is also the description of the Lambda function. */
  readonly description: string;
  /** @default the operation is not part of the admin API */
  readonly route?: OperationRoute;
  /** The fields of the input. A test compares them with the schema in `input.ts`. */
  readonly fields: readonly string[];
  readonly access: OperationAccess;
  /** Whether it stops keys from working, and therefore flushes the authorizer caches. @default false */
  readonly flushesCaches?: boolean;
  /**
   * The part of a deployment that the operation needs: the construct `Usage`, or `ownerSuspension` of `ApiKeys`.
   *
   * @default none, the operation is part of every deployment
   */
  readonly requires?: 'usage' | 'ownerSuspension';
}

/**
 * The management operations. The constructs, the admin API, the console's API, the key client, the local server and the
 * CLI read this table. To add an operation, see CONTRIBUTING.md.
 *
 * It is plain data and imports no library, so that the constructs and the key client can use it.
 */
export const OPERATIONS = {
  create: {
    entry: 'create-key',
    description: 'Creates an API key',
    route: { method: 'POST', path: '/keys', inConsole: true },
    fields: [...inputNames({}), 'idempotencyToken'],
    access: { write: ['PutItem'] },
  },
  get: {
    entry: 'get-key',
    description: 'Returns an API key',
    route: { method: 'GET', path: '/keys/{prefix}', inConsole: true },
    fields: ['prefix'],
    access: { read: ['GetItem'] },
  },
  list: {
    entry: 'list-keys',
    description: 'Lists API keys',
    route: { method: 'GET', path: '/keys', inConsole: true },
    fields: ['ownerId', 'name', 'status', 'limit', 'cursor'],
    access: { read: ['BatchGetItem'], queryIndexes: LIST_INDEXES },
  },
  update: {
    entry: 'update-key',
    description: 'Changes an API key',
    route: { method: 'PATCH', path: '/keys/{prefix}', inConsole: true },
    fields: ['prefix', ...inputNames({ updatable: true }), 'replaceMetadata', 'version'],
    access: { read: ['GetItem'], write: ['UpdateItem'] },
  },
  rotate: {
    entry: 'rotate-key',
    description: 'Replaces an API key with a new one',
    route: { method: 'POST', path: '/keys/{prefix}/rotate', inConsole: true },
    fields: ['prefix', 'overlap', 'expires', 'metadata', 'idempotencyToken', 'force'],
    access: { read: ['GetItem'], write: ['PutItem', 'UpdateItem'] },
    flushesCaches: true,
  },
  revoke: {
    entry: 'revoke-key',
    description: 'Revokes an API key',
    route: { method: 'POST', path: '/keys/{prefix}/revoke', inConsole: true },
    fields: ['prefix', 'reason', 'flush'],
    access: { read: ['GetItem'], write: ['UpdateItem'] },
    flushesCaches: true,
  },
  disable: {
    entry: 'disable-key',
    description: 'Disables an API key until it is enabled',
    route: { method: 'POST', path: '/keys/{prefix}/disable' },
    fields: ['prefix', 'reason', 'by', 'flush'],
    access: { read: ['GetItem'], write: ['UpdateItem'] },
    flushesCaches: true,
  },
  enable: {
    entry: 'enable-key',
    description: 'Enables a disabled API key',
    route: { method: 'POST', path: '/keys/{prefix}/enable' },
    fields: ['prefix'],
    access: { read: ['GetItem'], write: ['UpdateItem'] },
  },
  verify: {
    entry: 'verify-key',
    description: 'Checks whether an API key would be allowed, and why not',
    route: { method: 'POST', path: '/verify', inConsole: true },
    fields: ['key', 'route', 'sourceIp', 'origin', 'stage'],
    access: { read: ['GetItem'] },
  },
  import: {
    entry: 'import-keys',
    description: 'Imports API keys that were issued elsewhere',
    fields: ['records', 'dryRun', 'includeUnusable'],
    access: { read: ['BatchGetItem'], write: ['PutItem'] },
  },
  export: {
    entry: 'export-keys',
    description: 'Exports the records of API keys, with digests and without the keys themselves',
    fields: ['limit', 'cursor'],
    access: { read: ['BatchGetItem'], queryIndexes: [BY_CREATION] },
  },
  settings: {
    entry: 'get-settings',
    description: 'Returns the label, plans, attributes and other settings of the API keys',
    route: { method: 'GET', path: '/settings' },
    fields: [],
    access: {},
  },
  owner: {
    entry: 'get-owner',
    description: 'Returns whether an owner of API keys is suspended',
    route: { method: 'GET', path: '/owners/{ownerId}', inConsole: true },
    fields: ['ownerId'],
    access: { read: ['GetItem'] },
    requires: 'ownerSuspension',
  },
  suspend: {
    entry: 'suspend-owner',
    description: 'Suspends an owner of API keys, all of which stop working',
    route: { method: 'POST', path: '/owners/{ownerId}/suspend', inConsole: true },
    fields: ['ownerId', 'reason', 'by'],
    access: { write: ['UpdateItem'] },
    flushesCaches: true,
    requires: 'ownerSuspension',
  },
  resume: {
    entry: 'resume-owner',
    description: 'Lifts the suspension of an owner of API keys',
    route: { method: 'POST', path: '/owners/{ownerId}/resume', inConsole: true },
    fields: ['ownerId', 'by'],
    access: { write: ['UpdateItem'] },
    requires: 'ownerSuspension',
  },
  usage: {
    entry: 'get-usage',
    description: 'Returns how often an API key was used',
    route: { method: 'GET', path: '/keys/{prefix}/usage', inConsole: true },
    fields: ['prefix', 'from', 'to'],
    access: { read: ['GetItem'] },
    requires: 'usage',
  },
} as const satisfies Record<string, OperationDefinition>;

export type OperationName = keyof typeof OPERATIONS;

/** The names of the operations, in the order of the table. */
// `Object.keys` returns exactly the names of this constant object.
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** Returns the definition of an operation, including the fields that some operations leave out. */
export function definitionOf(operation: OperationName): OperationDefinition {
  return OPERATIONS[operation];
}

const REQUIREMENTS = {
  usage: 'a Usage construct',
  ownerSuspension: 'ownerSuspension: true on the ApiKeys construct',
} as const;

/** Returns what a deployment must have for an operation, for error messages; `undefined` if every deployment has it. */
export function requirementOf(operation: OperationName): string | undefined {
  const { requires } = definitionOf(operation);
  return requires && REQUIREMENTS[requires];
}

/** Returns a sentence for error messages that says why a stack can lack {@link functionOutput}, and what to do. */
export function outputAdvice(operation: OperationName): string {
  const construct = requirementOf(operation) ?? 'an ApiKeys construct of this version of Latchkey';
  return `The operation "${operation}" requires ${construct}, and addOutputs() on that construct.`;
}

type RequiringUsage = {
  [Name in OperationName]: (typeof OPERATIONS)[Name] extends { readonly requires: 'usage' } ? Name : never;
}[OperationName];

/**
 * The operations whose functions the construct `ApiKeys` creates: all except those that require `Usage`. Operations that
 * require `ownerSuspension` have a function only if it is enabled.
 */
export type KeyOperation = Exclude<OperationName, RequiringUsage>;

export const KEY_OPERATIONS = OPERATION_NAMES.filter(
  (name): name is KeyOperation => definitionOf(name).requires !== 'usage',
);

/** One route of the admin API. */
export interface AdminRoute extends OperationRoute {
  readonly operation: OperationName;
  /** The function that the route integrates: its entry file in `functions/`, without the extension. */
  readonly functionName: string;
}

/** The routes of the admin API. Each has a separate function, so that access can be granted for each route. */
export const ADMIN_ROUTES: readonly AdminRoute[] = OPERATION_NAMES.flatMap((operation) => {
  const { route, entry } = definitionOf(operation);
  return route === undefined ? [] : [{ ...route, operation, functionName: entry }];
});

/** The routes of the hosted console's API. */
export const CONSOLE_ROUTES: readonly AdminRoute[] = ADMIN_ROUTES.filter(({ inConsole = false }) => inConsole);

/** Returns the name of an operation in construct IDs and stack outputs, such as `Create`. */
export function titleOf(operation: OperationName): string {
  return operation.charAt(0).toUpperCase() + operation.slice(1);
}

/** Returns the stack output that has the name of an operation's function. The CLI and the key client look it up. */
export function functionOutput(operation: OperationName): string {
  return `${titleOf(operation)}FunctionName`;
}

/** The stack output that has the name of the keys table. */
export const TABLE_OUTPUT = 'TableName';
/** The stack output that has the name of the authorizer's function. */
export const AUTHORIZER_OUTPUT = 'AuthorizerFunctionName';
