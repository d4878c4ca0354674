import type { IdentitySource } from '../../gateway/identity-source.ts';
import type { AuthorizerSettings } from '../../gateway/settings.ts';
import { callHook, type OwnContext } from './hook.ts';
import { refused, type Outcome, type Permission } from './permission.ts';
import { letInAs, type Recognised } from './recognised.ts';
import { AmbiguousRequestError, requestView, secretsIn, type RequestView } from './request-view.ts';

/** A permission of your own: what it reads, and whom it recognises by that. */
export interface PermissionOptions<Context extends OwnContext> {
  /** Tells the API behind which permission let the caller in. */
  readonly name: string;
  /** All that `check` reads of a request, and every request that it lets in has. It gets to see nothing else. */
  readonly identitySources: readonly IdentitySource[];
  /**
   * Whom it recognises. `undefined`: the request has nothing for it (401); a text: it has, but not what is right, and
   * the text goes into the log (403). If it throws or does not answer in time nobody gets in by it.
   */
  check(
    request: RequestView,
  ): Recognised<Context> | string | undefined | Promise<Recognised<Context> | string | undefined>;
  /** In milliseconds. @default 1500 */
  readonly timeoutMs?: number;
}

/**
 * A permission of your own, to be used beside keys.
 *
 * @example
 * const partner = permission({
 *   name: 'partner',
 *   identitySources: ['method.request.header.X-Partner-Token'],
 *   check: (request) => {
 *     const token = request.header('X-Partner-Token');
 *     if (token === undefined) return undefined;
 *     const subject = PARTNERS.get(hash('sha256', token)); // `hash` of node:crypto
 *     return subject === undefined ? 'a token of nobody' : { subject, scopes: ['GET /*', 'orders:read'] };
 *   },
 * });
 */
export function permission<Context extends OwnContext = OwnContext>(
  options: PermissionOptions<Context>,
): Permission<Context> {
  const { name, identitySources, timeoutMs } = options;
  const check = async (request: RequestView, settings: AuthorizerSettings): Promise<Outcome<Context>> => {
    let answer;
    try {
      answer = await options.check(request);
    } catch (error) {
      if (error instanceof AmbiguousRequestError)
        return refused(401, 'malformed', { detail: `${name}: ${error.message}` });
      throw error;
    }
    if (answer === undefined) return refused(401, 'missing');
    if (typeof answer === 'string') return refused(403, 'permission', { detail: `${name}: ${answer}` });
    if (typeof answer.subject !== 'string' || answer.subject === '') throw new TypeError('the answer has no subject');
    return letInAs(name, answer, settings);
  };
  return {
    prepare: ({ settings }) => ({
      name,
      identitySources,
      cacheable: true,
      check: (request) =>
        callHook(name, () => check(requestView(request, identitySources), settings), {
          timeoutMs,
          secrets: secretsIn(request, identitySources),
        }),
    }),
  };
}
