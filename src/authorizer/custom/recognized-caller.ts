import { permittedByCredential } from '../../core/scopes/permitted.ts';
import type { AuthorizerSettings } from '../../gateway/settings.ts';
import { checkContext, type CustomContext } from './hook.ts';
import { refused, type PermissionResult } from './permission.ts';

/** A caller that a custom permission has recognized. */
export interface RecognizedCaller<Context> {
  /** The caller's id, in your own terms. The API reads it as `subject`. */
  readonly subject: string;
  /**
   * What the caller may do: route scopes and named scopes. With only named scopes, the caller may call the same routes as
   * a key with only named scopes (`unscopedKeys` of the construct). With an empty array, it may call nothing. In `allOf`,
   * the result is the intersection with the scopes of the other permissions, including named scopes. For the default, leave
   * the field out: `undefined` as its value is an error, and the request is rejected.
   *
   * @default every route, and in `allOf` every named scope of the other permissions
   */
  readonly scopes?: readonly string[];
  /** Fields that the API receives in addition to the subject. @default none */
  readonly context?: Context | undefined;
}

/**
 * Returns the result for a caller that has no key: granted, or refused if its scopes allow no route. After a refusal,
 * another permission of `anyOf` can still allow the caller.
 *
 * @throws {TypeError} if the scopes are invalid
 * @throws {HookError} if the context is invalid
 */
export function grantCaller<Context extends CustomContext>(
  name: string,
  caller: RecognizedCaller<Context>,
  { unscopedKeys }: Pick<AuthorizerSettings, 'unscopedKeys'>,
): PermissionResult<Context> {
  const { subject, scopes, context } = caller;
  // `undefined` can come from a failed look-up of scopes. It must not mean every route.
  if ('scopes' in caller && !Array.isArray(scopes))
    throw new TypeError('scopes must be an array of scopes; leave the field out for every route');
  const permitted = permittedByCredential(scopes, unscopedKeys);
  const added = context === undefined ? ({} as Context) : checkContext(context);
  if (permitted.routes.length === 0)
    return refused(403, 'permission', { detail: `${name}: its scopes allow no route` });
  return {
    allowed: true,
    authorizedBy: name,
    principalId: `${name}:${subject}`,
    permitted,
    context: { subject, ...added },
  };
}
