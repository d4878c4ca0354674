import type { MiddlewareObj, Request } from '@middy/core';
import type { Context as LambdaContext } from 'aws-lambda';
import type { AuthorizedEvent } from '../gateway/context.ts';
import { isNamedScope, SCOPE_ACCEPTS } from '../core/scopes/scope.ts';
import { refuse } from './lasting-response.ts';
import { hasScope, type AuthorizedCaller } from './read-caller.ts';
import { requireCaller } from './require-caller.ts';

/** The handler's context with the caller on it. */
export type WithCaller<Context extends object> = LambdaContext & { readonly caller: AuthorizedCaller<Context> };

/**
 * Middy middleware: puts the caller on the handler's context, as `context.caller`.
 *
 * @throws {TypeError} if the event did not come through a Latchkey authorizer, or another middleware has replaced it
 * @example
 * export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
 *   .use(apiKeyContext())
 *   .handler((_event, { caller }) => ({ statusCode: 200, body: `Hello ${caller.key?.name ?? 'you'}` }));
 */
export function apiKeyContext<Context extends object = object>(): MiddlewareObj<
  AuthorizedEvent,
  unknown,
  Error,
  WithCaller<Context>
> {
  return {
    before: ({ event, context }: Request<AuthorizedEvent, unknown, Error, WithCaller<Context>>) => {
      Object.assign(context, { caller: requireCaller<Context>(event, 'apiKeyContext') });
    },
  };
}

/** What a caller without the scope is answered. */
export interface ScopeRefusal {
  readonly statusCode: 403;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Middy middleware: rejects callers without this named scope with 403, for permissions that a path can't express. It must
 * come before middlewares that replace the event, such as a parser with an envelope.
 *
 * A rejected request runs the `onError` steps of all middlewares, so that they can add headers, in any order: for example
 * `@middy/http-cors`. `request.error` then has `statusCode`, `headers` and `expose`, as an error of `http-errors` has.
 *
 * @throws {TypeError} if `scope` is not a named scope, such as `orders:write`
 * @example
 * export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
 *   .use(requireScope('orders:write'))
 *   .handler(placeOrder);
 */
export function requireScope(scope: string): MiddlewareObj<AuthorizedEvent> {
  if (!isNamedScope(scope))
    throw new TypeError(`requireScope: "${scope}" is no named scope; accepted: ${SCOPE_ACCEPTS}`);
  return {
    before: (request: Request<AuthorizedEvent>) => {
      if (!hasScope(requireCaller(request.event, 'requireScope'), scope)) refuse(request, scopeRefusal(scope));
    },
  };
}

/** The answer to a caller without a scope: RFC 9457. For handlers that do without middy. */
export function scopeRefusal(scope: string): ScopeRefusal {
  const body = { type: 'about:blank', title: 'Forbidden', status: 403, detail: `the scope ${scope} is needed` };
  return {
    statusCode: 403,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}
