import { permittedByCredential } from '../../core/scopes/permitted.ts';
import type { AuthorizerSettings } from '../../gateway/settings.ts';
import { checkContext, type OwnContext } from './hook.ts';
import { refused, type Outcome } from './permission.ts';

/** Whom a permission of a team's own has recognised. */
export interface Recognised<Context> {
  /** Whom, in your own terms; the API behind sees it. */
  readonly subject: string;
  /**
   * What the caller may do. A list counts as it is: with names alone the caller may call what a key with names alone
   * may (`unscopedKeys` of the construct), and an empty list opens nothing. In `allOf` it leaves of the others' scopes
   * what it has too, names included. Leave it out for the default; `undefined` in its place lets nobody in.
   *
   * @default every route, and in `allOf` every name that another permission gives
   */
  readonly scopes?: readonly string[];
  /** What the API behind gets to know beside the subject. */
  readonly context?: Context | undefined;
}

/**
 * Lets in whom a permission other than a key has recognised, unless its scopes open no route: then another permission of
 * `anyOf` may still let the caller in.
 *
 * @throws {Error} if the scopes or the context are none
 */
export function letInAs<Context extends OwnContext>(
  name: string,
  whom: Recognised<Context>,
  { unscopedKeys }: Pick<AuthorizerSettings, 'unscopedKeys'>,
): Outcome<Context> {
  const { subject, scopes, context } = whom;
  // Such as a look-up that has found none: that must not be as if nobody had asked for scopes.
  if ('scopes' in whom && !Array.isArray(scopes)) throw new TypeError('the scopes are no list');
  const permitted = permittedByCredential(scopes, unscopedKeys);
  const added = context === undefined ? ({} as Context) : checkContext(context);
  if (permitted.routes.length === 0) return refused(403, 'permission', { detail: `${name}: its scopes open no route` });
  return {
    allowed: true,
    authorizedBy: name,
    principalId: `${name}:${subject}`,
    permitted,
    context: { subject, ...added },
  };
}
