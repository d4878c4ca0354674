/**
 * A client of the management operations, on the table itself or through the functions of a deployment. It loads only those
 * AWS SDK clients that it needs. docs/how-to/manage-keys-in-code.md
 * says when to use it.
 */
export {
  createKeyClient,
  type FunctionOptions,
  type KeyClientOptions,
  type StackOptions,
  type TableOptions,
} from './client/create-key-client.ts';
export type { CallOptions, KeyClient } from './client/key-client.ts';
export { FunctionFailedError, RefusedError, type RefusalCode } from './client/refused-error.ts';
export type { Limits } from './core/limits/limits.ts';
export type { Restrictions } from './core/restrictions/restrictions.ts';
export type {
  CreateInput,
  DisableOptions,
  ImportInput,
  ListInput,
  RevokeOptions,
  RotateInput,
  UpdateInput,
  VerifyInput,
} from './management/input-types.ts';
export type { ExportAnswer } from './management/operations/export.ts';
export type { ImportAnswer, ImportOutcome } from './management/operations/import.ts';
export type { KeyUsage } from './management/operations/usage.ts';
export type { PortableKey } from './management/portable.ts';
