import type { MiddlewareObj, Request } from '@middy/core';
import { keepHeaders, refuse } from '../backend/lasting-response.ts';
import { requireCaller } from '../backend/require-caller.ts';
import type { AuthorizedEvent, Caller } from '../backend/read-caller.ts';
import { limitHeaders, limitRefusal } from './response.ts';
import { limiterFromEnvironment } from './from-environment.ts';
import type { Limited, Limiter, OnOutage } from './limiter.ts';

/** Options of {@link rateLimit}. */
export interface RateLimitOptions {
  /** What to do with a request that cannot be counted: `deny` rejects it with 503. @default 'deny' */
  readonly onOutage?: OnOutage;
  /** Counts the requests. @default a limiter on the table that the environment variable `LATCHKEY_LIMITS_TABLE` names */
  readonly limiter?: Limiter;
  /**
   * Returns the limits of a caller without a key, such as the holder of a token, and the name that it is counted under.
   *
   * @default such callers are not limited
   */
  readonly withoutKey?: (caller: Caller) => Limited | undefined;
}

/**
 * Middy middleware for an API behind the authorizer: rejects requests beyond the key's limits with 429, and adds the
 * `RateLimit` headers to all other responses. Put it first, so that a rejected request costs nothing else. It must come
 * before middlewares that replace the event, such as a parser with an envelope.
 *
 * A rejected request runs the `onError` steps of all middlewares, so that they can add headers, in any order: for example
 * `@middy/http-cors`. `request.error` then has `statusCode`, `headers` and `expose`, as an error of `http-errors` has.
 *
 * Only keys have limits. A caller that the authorizer has allowed by other means is not limited, unless `withoutKey` says how.
 *
 * @throws {Error} if there is neither a `limiter` nor the environment variable
 * @example
 * export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
 *   .use(rateLimit())
 *   .use(httpCors({ origin: 'https://app.example.com' }))
 *   .handler(async (event) => ({ statusCode: 200, body: 'hello' }));
 */
export function rateLimit({
  onOutage,
  limiter,
  withoutKey = () => undefined,
}: RateLimitOptions = {}): MiddlewareObj<AuthorizedEvent> {
  const limit = limiter ?? limiterFromEnvironment(process.env, onOutage);
  return {
    before: async (request: Request<AuthorizedEvent>) => {
      const caller = requireCaller(request.event, 'rateLimit');
      const limited = caller.key ?? withoutKey(caller);
      if (limited === undefined) return;
      const result = await limit(limited);
      keepHeaders(request, limitHeaders(result));
      if (!result.allowed) refuse(request, limitRefusal(result));
    },
  };
}
