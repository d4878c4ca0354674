/**
 * The management operations in code: on the table itself, or through the functions of a deployment. It talks by the
 * AWS SDK's clients, of which it loads those that it needs. docs/guide.md tells when to use it.
 */
export {
  createKeyClient,
  type FunctionOptions,
  type KeyClientOptions,
  type StackOptions,
  type TableOptions,
} from '../functions/manage/client/create-key-client.ts';
export type {
  CallOptions,
  CreateInput,
  KeyClient,
  ImportInput,
  ListInput,
  RevokeOptions,
  RotateInput,
  VerifyInput,
  UpdateInput,
} from '../functions/manage/client/key-client.ts';
export { FunctionFailedError, RefusedError, type RefusalCode } from '../functions/manage/client/refused-error.ts';
export type { Limits } from '../functions/domain/limits.ts';
export type { Restrictions } from '../functions/domain/restrictions.ts';
export type { ExportAnswer } from '../functions/manage/operations/export.ts';
export type { ImportAnswer, ImportOutcome } from '../functions/manage/operations/import.ts';
export type { KeyUsage } from '../functions/manage/operations/usage.ts';
export type { PortableKey } from '../functions/manage/portable.ts';
