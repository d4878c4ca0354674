/**
 * An authorizer of your own: what is special about your keys, and permissions beside them. docs/custom-authorizer.md has recipes.
 * Point `authorizerEntry` of the construct at the file that exports it.
 */
export { allow, deny, narrow, type Verdict } from './authorizer/custom/verdict.ts';
export {
  apiKey,
  type ApiKeyOptions,
  type HookInput,
  type KeyParser,
  type VerifiedKey,
} from './authorizer/custom/api-key.ts';
export { allOf, anyOf } from './authorizer/custom/combine.ts';
export {
  createAuthorizer,
  type AuthorizerContextOf,
  type OwnAnswer,
  type OwnAuthorizer,
  type AuthorizerOptions,
} from './authorizer/custom/custom-authorizer.ts';
export type { OwnContext } from './authorizer/custom/hook.ts';
export { permission, type PermissionOptions } from './authorizer/custom/own-permission.ts';
export type { Permission } from './authorizer/custom/permission.ts';
export type { Recognised } from './authorizer/custom/recognised.ts';
export { UndeclaredReadError, type RequestView } from './authorizer/custom/request-view.ts';
export type { KeySource } from './gateway/credential.ts';
export type { IdentitySource } from './gateway/identity-source.ts';
export { isNamedScope } from './core/scopes/scope.ts';
