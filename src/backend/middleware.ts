import type { Context as LambdaContext } from 'aws-lambda';
import { isNamedScope, SCOPE_ACCEPTS } from '../core/scopes/scope.ts';
import { refuse } from './lasting-response.ts';
import { hasScope, type AuthorizedEvent, type Caller } from './read-caller.ts';
import { requireCaller } from './require-caller.ts';

/**
 * The type of a middy middleware, reduced to the parts that are used here. The types of `@middy/core` are not used here, so
 * that an API without middy compiles without them.
 */
export interface CallerMiddleware<Context extends object = LambdaContext> {
  readonly before: (request: MiddlewareRequest<Context>) => void;
}

/** The request of a middleware: middy's `Request` has these fields. */
export interface MiddlewareRequest<Context extends object> {
  readonly event: AuthorizedEvent;
  readonly context: Context;
  response: unknown;
}

/** The context of a Lambda handler, with the caller that {@link injectCaller} added. */
export type CallerContext<Context extends object> = LambdaContext & { readonly caller: Caller<Context> };

/**
 * Middy middleware: adds the caller to the handler's context, as `context.caller`. It reads the same as `readCaller`, and
 * fails if there is no caller.
 *
 * @throws {TypeError} if the event did not come through a Latchkey authorizer, or another middleware has replaced it
 * @example
 * export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
 *   .use(injectCaller())
 *   .handler((_event, { caller }) => ({ statusCode: 200, body: `Hello ${caller.key?.name ?? 'you'}` }));
 */
export function injectCaller<Context extends object = object>(): CallerMiddleware<CallerContext<Context>> {
  return {
    before: ({ event, context }) => {
      Object.assign(context, { caller: requireCaller<Context>(event, 'injectCaller') });
    },
  };
}

/** The response to a caller without the required scope. */
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
export function requireScope(scope: string): CallerMiddleware {
  if (!isNamedScope(scope))
    throw new TypeError(`requireScope: "${scope}" is not a named scope; accepted: ${SCOPE_ACCEPTS}`);
  return {
    before: (request) => {
      if (!hasScope(requireCaller(request.event, 'requireScope'), scope)) refuse(request, scopeRefusal(scope));
    },
  };
}

/**
 * Returns the 403 response to a caller without a named scope, as problem details (RFC 9457). For handlers without middy.
 *
 * https://www.rfc-editor.org/rfc/rfc9457
 */
export function scopeRefusal(scope: string): ScopeRefusal {
  const body = { type: 'about:blank', title: 'Forbidden', status: 403, detail: `the scope ${scope} is needed` };
  return {
    statusCode: 403,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}
