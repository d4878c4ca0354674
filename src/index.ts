/**
 * For the API behind the authorizer: read the caller, check named scopes, and define your own fields of a key; with the
 * types of what the management functions return. It has no dependencies; the middlewares are for `@middy/core`. The
 * constructs are in `latchkey/cdk`.
 */
export { hasScope, readCaller, type AuthorizedEvent, type Caller, type CallerKey } from './backend/read-caller.ts';
export {
  injectCaller,
  requireScope,
  scopeRefusal,
  type CallerContext,
  type CallerMiddleware,
  type MiddlewareRequest,
  type ScopeRefusal,
} from './backend/middleware.ts';
export { defineAttributes, type DefinedAttributes } from './backend/define-attributes.ts';
export type { AttributesJsonSchema, AttributesOf, AttributesSchema } from './core/attributes/attributes.ts';
export type { DenialReason } from './core/decision/denial-reasons.ts';
export type { Limits } from './core/limits/limits.ts';
export type { Restrictions } from './core/restrictions/restrictions.ts';
export type {
  EventDetail,
  EventKey,
  KeyEventDetails,
  KeyEventType,
  RotationFailedDetail,
  RotationFailure,
  TrackedField,
} from './gateway/key-events.ts';
export type { KeyStatus, Metadata, MetadataValue } from './core/keys/record.ts';
export type { CacheFlush } from './management/cache-flusher.ts';
export type { InputFault, Refusal } from './management/errors.ts';
export type { Flushed } from './management/operations/flushing.ts';
export type { IssuedKey } from './management/operations/issue-key.ts';
export type { KeyList } from './management/operations/list.ts';
export type { Verification } from './management/operations/verify.ts';
export type { OwnerView } from './management/owner-view.ts';
export type { DeploymentSettings } from './management/operations/settings.ts';
export type { KeyView } from './management/view.ts';
