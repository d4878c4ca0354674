/**
 * What a back end uses: who is calling, and the types of what the management functions answer. It depends on
 * nothing. The constructs are in `latchkey/cdk`.
 */
export { callerOf, type AuthorizedEvent, type Caller } from '../functions/domain/context.ts';
export type { AttributesJsonSchema, AttributesOf, AttributesSchema } from '../functions/domain/attributes.ts';
export { defineAttributes, type CallerWith, type DefinedAttributes } from '../functions/domain/define-attributes.ts';
export type { DenialReason } from '../functions/domain/decision.ts';
export type { Limits } from '../functions/domain/limits.ts';
export type { Restrictions } from '../functions/domain/restrictions.ts';
export type {
  EventDetail,
  KeyEventDetails,
  KeyEventType,
  KeyFacts,
  UpdatableFact,
} from '../functions/domain/key-events.ts';
export type { KeyStatus, Metadata, MetadataValue } from '../functions/domain/record.ts';
export type { CacheFlush } from '../functions/manage/cache-flusher.ts';
export type { InputFault, Refusal } from '../functions/manage/errors.ts';
export type { Flushed } from '../functions/manage/operations/flushing.ts';
export type { IssuedKey } from '../functions/manage/operations/issue-key.ts';
export type { KeyList } from '../functions/manage/operations/list.ts';
export type { Verification } from '../functions/manage/operations/verify.ts';
export type { OwnerView } from '../functions/manage/owner-view.ts';
export type { DeploymentSettings } from '../functions/manage/operations/settings.ts';
export type { KeyView } from '../functions/manage/view.ts';
