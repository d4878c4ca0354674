import { callerOf, type AuthorizedEvent, type Caller } from '../gateway/context.ts';
import { isOwnField } from '../gateway/context-fields.ts';
import { isNamedScope, SCOPE_ACCEPTS } from '../core/scopes/scope.ts';

/** Whoever calls: with a key, or by another permission of the authorizer's. */
export interface AuthorizedCaller<Context extends object = object> {
  /** By what the caller was let in: `apiKey`, `jwt`, a permission of your own, or several joined by `+`. */
  readonly authorizedBy: string;
  /** Of a token or a permission of your own: whom it recognised. */
  readonly subject?: string | undefined;
  /** What the caller may do: route scopes and named ones. */
  readonly scopes: readonly string[];
  /** The key that it called with, if it did. */
  readonly key?: Caller | undefined;
  /** What the authorizer's own code has added, as texts whatever they were: REST APIs hand on nothing else. */
  readonly context: Readonly<Record<keyof Context, string>>;
}

/**
 * Who is calling, in the API behind the authorizer: REST, HTTP API (payload 1.0 and 2.0) or WebSocket.
 *
 * @returns `undefined` if the event did not come through a Latchkey authorizer
 * @throws {TypeError} as {@link callerOf}
 * @example
 * import type { handler as authorizer } from '../../functions/authorizer.ts';
 * const caller = readCaller<AuthorizerContextOf<typeof authorizer>>(event);
 * if (caller?.authorizedBy === 'jwt') greet(caller.subject);
 */
export function readCaller<Context extends object = object>(
  event: AuthorizedEvent,
): AuthorizedCaller<Context> | undefined {
  const key = callerOf(event);
  const fields = contextIn(event);
  const authorizedBy = fields['authorizedBy'] ?? (key === undefined ? undefined : 'apiKey');
  const scopes = fields['scopes'];
  if (authorizedBy === undefined || scopes === undefined) return undefined;
  const own = Object.entries(fields).filter(([field]) => isOwnField(field));
  return {
    authorizedBy,
    subject: fields['subject'],
    scopes: scopes === '' ? [] : scopes.split(','),
    key,
    context: Object.fromEntries(own) as Record<keyof Context, string>,
  };
}

/**
 * Whether a caller has a named scope. One that was given none has none, whatever it may call.
 *
 * @throws {TypeError} if the scope is no named one: what routes a caller may call, API Gateway has judged before
 */
export function hasScope(caller: { readonly scopes: readonly string[] }, scope: string): boolean {
  if (!isNamedScope(scope)) throw new TypeError(`"${scope}" is no named scope; accepted: ${SCOPE_ACCEPTS}`);
  return caller.scopes.includes(scope);
}

/** The flat fields of the authorizer's context, as texts. */
function contextIn({ requestContext }: AuthorizedEvent): Record<string, string | undefined> {
  const { authorizer }: { authorizer?: unknown } = requestContext;
  const outer = fieldsOf(authorizer);
  const fields = typeof outer['lambda'] === 'object' ? fieldsOf(outer['lambda']) : outer;
  const flat = Object.entries(fields).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(flat.map(([field, value]) => [field, String(value)]));
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
