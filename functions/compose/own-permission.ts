import type { IdentitySource } from '../domain/identity-source.ts';
import { permittedByCredential } from '../domain/permitted.ts';
import { callHook, checkContext, type OwnContext } from './hook.ts';
import { refused, type Outcome, type Permission } from './permission.ts';
import { AmbiguousRequestError, requestView, type RequestView } from './request-view.ts';

/** Whom a permission of a team's own has recognised. */
export interface Recognised<Context> {
  /** Whom, in your own terms; the API behind sees it. */
  readonly subject: string;
  /**
   * What the caller may do: as on a key. Without route scopes it may call every route.
   *
   * @default every route, no named scope
   */
  readonly scopes?: readonly string[];
  readonly context?: Context;
}

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
 *   identitySources: ['method.request.header.X-Client-Cert-Serial'],
 *   check: (request) => {
 *     const subject = PARTNERS[request.header('x-client-cert-serial') ?? ''];
 *     return subject === undefined ? 'no partner of ours' : { subject, scopes: ['GET /*'] };
 *   },
 * });
 */
export function permission<Context extends OwnContext = OwnContext>(
  options: PermissionOptions<Context>,
): Permission<Context> {
  const { name, identitySources, timeoutMs } = options;
  const check = async (request: RequestView): Promise<Outcome<Context>> => {
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
    const { subject, scopes = [], context } = answer;
    if (typeof subject !== 'string' || subject === '') throw new TypeError('the answer has no subject');
    const added = context === undefined ? ({} as Context) : checkContext(context);
    return {
      allowed: true,
      authorizedBy: name,
      principalId: `${name}:${subject}`,
      permitted: permittedByCredential(scopes),
      context: { subject, ...added },
    };
  };
  return {
    prepare: () => ({
      name,
      identitySources,
      cacheable: true,
      check: (request) => callHook(name, () => check(requestView(request, identitySources)), { timeoutMs }),
    }),
  };
}
