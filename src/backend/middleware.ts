import type { MiddlewareObj, Request } from '@middy/core';
import type { Context as LambdaContext } from 'aws-lambda';
import type { AuthorizedEvent } from '../gateway/context.ts';
import { isNamedScope, SCOPE_ACCEPTS } from '../core/scopes/scope.ts';
import { hasScope, readCaller, type AuthorizedCaller } from './read-caller.ts';

/** The handler's context with the caller on it. */
export type WithCaller<Context extends object> = LambdaContext & { readonly caller: AuthorizedCaller<Context> };

/**
 * Middy middleware: puts the caller on the handler's context, as `context.caller`.
 *
 * @throws {TypeError} on a request that no Latchkey authorizer has let in: a wiring fault
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
      Object.assign(context, { caller: callerIn<Context>(event, 'apiKeyContext') });
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
 * Middy middleware: refuses with 403 whoever has not this named scope, for what a path cannot say.
 *
 * @throws {TypeError} if it is no named scope, such as `orders:write`
 * @example
 * export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
 *   .use(requireScope('orders:write'))
 *   .handler(placeOrder);
 */
export function requireScope(scope: string): MiddlewareObj<AuthorizedEvent> {
  if (!isNamedScope(scope))
    throw new TypeError(`requireScope: "${scope}" is no named scope; accepted: ${SCOPE_ACCEPTS}`);
  return {
    before: ({ event }: Request<AuthorizedEvent>) =>
      hasScope(callerIn(event, 'requireScope'), scope) ? undefined : scopeRefusal(scope),
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

function callerIn<Context extends object>(event: AuthorizedEvent, who: string): AuthorizedCaller<Context> {
  const caller = readCaller<Context>(event);
  if (caller === undefined) throw new TypeError(`${who}: this route has no Latchkey authorizer in front of it`);
  return caller;
}
