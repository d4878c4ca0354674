import type { OperationName } from './operation-names.ts';

/**
 * The fields that the input of each operation has. It needs no schema library, so that the client can check them before
 * it sends anything; a test compares it with the schemas.
 */
export const OPERATION_FIELDS = {
  create: [
    'name',
    'ownerId',
    'scopes',
    'metadata',
    'plan',
    'limits',
    'restrictions',
    'notBefore',
    'expires',
    'idempotencyToken',
  ],
  get: ['prefix'],
  list: ['ownerId', 'name', 'status', 'limit', 'cursor'],
  update: ['prefix', 'name', 'scopes', 'metadata', 'plan', 'limits', 'restrictions', 'notBefore', 'expires', 'version'],
  rotate: ['prefix', 'overlap', 'expires', 'metadata', 'idempotencyToken'],
  revoke: ['prefix', 'reason', 'flush'],
  verify: ['key', 'route', 'sourceIp', 'origin', 'stage'],
  import: ['records', 'dryRun', 'includeUnusable'],
  export: ['limit', 'cursor'],
  settings: [],
  owner: ['ownerId'],
  suspend: ['ownerId', 'reason', 'by'],
  resume: ['ownerId', 'by'],
  usage: ['prefix', 'from', 'to'],
} as const satisfies Record<OperationName, readonly string[]>;
