import type { IdentitySource } from '../../gateway/identity-source.ts';
import type { AuthorizerSettings } from '../../gateway/settings.ts';
import { callHook, type CustomContext } from './hook.ts';
import { refused, type PermissionResult, type Permission } from './permission.ts';
import { grantCaller, type RecognizedCaller } from './recognized-caller.ts';
import { AmbiguousRequestError, requestView, secretsIn, type RequestView } from './request-view.ts';

/** A custom permission: the parts of a request that it reads, and the caller that it recognizes by them. */
export interface PermissionOptions<Context extends CustomContext> {
  /** The name of the permission. The API reads it as `authorizedBy`. */
  readonly name: string;
  /** All parts of a request that `check` reads. Every request that it allows must have them. It can't read other parts. */
  readonly identitySources: readonly IdentitySource[];
  /**
   * Returns the caller. It returns `undefined` if the request has no credential for this permission (401), and a string
   * with the reason for the log if the credential is wrong (403). If it throws or takes too long, the request is not allowed
   * by this permission.
   */
  check(
    request: RequestView,
  ): RecognizedCaller<Context> | string | undefined | Promise<RecognizedCaller<Context> | string | undefined>;
  /** The time limit of `check`, in milliseconds. @default 1500 */
  readonly timeoutMs?: number;
}

/**
 * Returns a custom permission, to combine with keys.
 *
 * @example
 * const partner = permission({
 *   name: 'partner',
 *   identitySources: ['method.request.header.X-Partner-Token'],
 *   check: (request) => {
 *     const token = request.header('X-Partner-Token');
 *     if (token === undefined) return undefined;
 *     const subject = PARTNERS.get(hash('sha256', token)); // `hash` of node:crypto
 *     return subject === undefined ? 'unknown token' : { subject, scopes: ['GET /*', 'orders:read'] };
 *   },
 * });
 */
export function permission<Context extends CustomContext = CustomContext>(
  options: PermissionOptions<Context>,
): Permission<Context> {
  const { name, identitySources, timeoutMs } = options;
  const check = async (request: RequestView, settings: AuthorizerSettings): Promise<PermissionResult<Context>> => {
    let result;
    try {
      result = await options.check(request);
    } catch (error) {
      if (error instanceof AmbiguousRequestError)
        return refused(401, 'malformed', { detail: `${name}: ${error.message}` });
      throw error;
    }
    if (result === undefined) return refused(401, 'missing');
    if (typeof result === 'string') return refused(403, 'permission', { detail: `${name}: ${result}` });
    if (typeof result.subject !== 'string' || result.subject === '')
      throw new TypeError('check must return a caller with a subject, a reason, or undefined');
    return grantCaller(name, result, settings);
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
