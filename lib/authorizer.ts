/**
 * An authorizer of your own: what is special about your keys, and permissions beside them. docs/own-authorizer.md has recipes.
 * Point `authorizerEntry` of the construct at the file that exports it.
 */
export { allow, deny, narrow, type Verdict } from '../functions/compose/verdict.ts';
export {
  apiKey,
  type ApiKeyOptions,
  type Caught,
  type KeyParser,
  type VerifiedKey,
} from '../functions/compose/api-key.ts';
export { allOf, anyOf } from '../functions/compose/combine.ts';
export {
  createAuthorizer,
  type AuthorizerContextOf,
  type OwnAnswer,
  type OwnAuthorizer,
  type Surroundings,
} from '../functions/compose/create-authorizer.ts';
export type { OwnContext } from '../functions/compose/hook.ts';
export { permission, type PermissionOptions } from '../functions/compose/own-permission.ts';
export type { Permission } from '../functions/compose/permission.ts';
export type { Recognised } from '../functions/compose/recognised.ts';
export { UndeclaredReadError, type RequestView } from '../functions/compose/request-view.ts';
export type { KeySource } from '../functions/domain/credential.ts';
export type { IdentitySource } from '../functions/domain/identity-source.ts';
export { isNamedScope } from '../functions/domain/scope.ts';
