import { ALL, permittedByList, type Permitted } from '../../core/scopes/permitted.ts';

/** The result of the hook `authorize` for a verified key. It can only remove permissions. */
export type Verdict =
  | { readonly verdict: 'allow' }
  | { readonly verdict: 'deny'; readonly reason: string }
  | { readonly verdict: 'narrow'; readonly scopes: readonly string[] };

/** Leaves the caller all permissions of its key. */
export function allow(): Verdict {
  return { verdict: 'allow' };
}

/**
 * Denies the request with 403.
 *
 * @param reason for the log. The caller does not receive it.
 */
export function deny(reason: string): Verdict {
  return { verdict: 'deny', reason };
}

/**
 * Narrows the caller's permissions to what these scopes also allow: the named scopes that are listed, and the intersection
 * of the routes. A list without route scopes leaves no route.
 *
 * @example
 * return narrow(['GET /*', 'orders:read']);
 */
export function narrow(scopes: readonly string[]): Verdict {
  return { verdict: 'narrow', scopes };
}

/**
 * Returns what a verdict permits, or the reason of a denial.
 *
 * @throws {TypeError} if it is not a verdict
 */
export function permittedByVerdict(verdict: unknown): Permitted | { readonly denied: string } {
  const { verdict: kind, reason, scopes }: Record<string, unknown> = { ...(verdict as object | undefined) };
  if (kind === 'allow') return ALL;
  if (kind === 'deny') return { denied: String(reason) };
  if (kind === 'narrow' && Array.isArray(scopes)) return permittedByList(scopes.map(String));
  throw new TypeError('authorize must return allow(), deny(reason) or narrow(scopes)');
}
