import type { MiddlewareObj, Request } from '@middy/core';
import { readCaller, type AuthorizedCaller } from '../backend/read-caller.ts';
import type { AuthorizedEvent } from '../gateway/context.ts';
import { limitHeaders, refusal } from './answer.ts';
import { limiterFromEnvironment } from './from-environment.ts';
import type { Limited, Limiter, OnOutage, Verdict } from './limiter.ts';

/** How the middleware counts, and what it does when it cannot. */
export interface RateLimitOptions {
  /** @default 'deny' */
  readonly onOutage?: OnOutage;
  /** @default one on the table that the environment variable `LATCHKEY_LIMITS_TABLE` names */
  readonly limiter?: Limiter;
  /**
   * The limits of a caller without a key, such as the holder of a token, and the name that it is counted under.
   *
   * @default it has none
   */
  readonly withoutKey?: (caller: AuthorizedCaller) => Limited | undefined;
}

/**
 * Middy middleware for an API behind the authorizer: refuses requests beyond the key's limits with 429, and tells
 * the others how far they are from them. Put it first, so that a refused request costs nothing else.
 *
 * Only keys have limits. Whom the authorizer has let in by something else is not limited, unless `withoutKey` says how.
 *
 * @throws {Error} if there is neither a limiter nor the variable
 * @example
 * export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
 *   .use(rateLimit())
 *   .handler(async (event) => ({ statusCode: 200, body: 'hello' }));
 */
export function rateLimit({
  onOutage,
  limiter,
  withoutKey = () => undefined,
}: RateLimitOptions = {}): MiddlewareObj<AuthorizedEvent> {
  const limit = limiter ?? limiterFromEnvironment(process.env, onOutage);
  // By event: an environment of Lambda Managed Instances serves several at once.
  const verdicts = new WeakMap<object, Verdict>();

  const before = async ({ event }: Request<AuthorizedEvent>) => {
    const caller = readCaller(event);
    if (caller === undefined) throw new TypeError('rateLimit: this route has no Latchkey authorizer in front of it');
    const limited = caller.key ?? withoutKey(caller);
    if (limited === undefined) return undefined;
    const verdict = await limit(limited);
    if (!verdict.allowed) return refusal(verdict);
    verdicts.set(event, verdict);
    return undefined;
  };
  const tell = ({ event, response }: Request<AuthorizedEvent>) => {
    const verdict = verdicts.get(event);
    if (verdict === undefined || !isProxyAnswer(response)) return;
    response.headers = { ...response.headers, ...limitHeaders(verdict) };
  };
  return { before, after: tell, onError: tell };
}

/** An HTTP API takes other answers too, and makes its own headers for them. */
function isProxyAnswer(response: unknown): response is { headers?: Record<string, unknown> } {
  return typeof response === 'object' && response !== null && 'statusCode' in response;
}
