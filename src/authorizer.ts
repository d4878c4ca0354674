/**
 * For custom authorizers: your own rules for keys, and permissions in addition to keys. docs/custom-authorizer.md has recipes.
 * Set `authorizerEntry` of the construct to the file that exports the authorizer.
 */
export { allow, deny, narrow, type Verdict } from './authorizer/custom/verdict.ts';
export {
  apiKey,
  type ApiKeyOptions,
  type HookInput,
  type KeyParser,
  type VerifiedRecord,
} from './authorizer/custom/api-key.ts';
export { allOf, anyOf } from './authorizer/custom/combine.ts';
export {
  createAuthorizer,
  type AuthorizerContextOf,
  type CustomAuthorizerResult,
  type CustomAuthorizer,
  type AuthorizerOptions,
} from './authorizer/custom/custom-authorizer.ts';
export type { CustomContext } from './authorizer/custom/hook.ts';
export { permission, type PermissionOptions } from './authorizer/custom/custom-permission.ts';
export type { Permission } from './authorizer/custom/permission.ts';
export type { RecognizedCaller } from './authorizer/custom/recognized-caller.ts';
export { UndeclaredReadError, type RequestView } from './authorizer/custom/request-view.ts';
export type { KeySource } from './gateway/credential.ts';
export type { IdentitySource } from './gateway/identity-source.ts';
export { isNamedScope } from './core/scopes/scope.ts';
