import { ALL, permittedByList, type Permitted } from '../../core/scopes/permitted.ts';

/** What a team's own code says of a caller whom a permission has recognised. It can only take away. */
export type Verdict =
  | { readonly verdict: 'allow' }
  | { readonly verdict: 'deny'; readonly reason: string }
  | { readonly verdict: 'narrow'; readonly scopes: readonly string[] };

/** The caller may do all that it may without your code. */
export function allow(): Verdict {
  return { verdict: 'allow' };
}

/**
 * The caller may do nothing: 403.
 *
 * @param reason for the log; the caller is not told
 */
export function deny(reason: string): Verdict {
  return { verdict: 'deny', reason };
}

/**
 * The caller may do what it may without your code and these scopes open too: of its named scopes those that are listed,
 * of its routes what both open. A list without route scopes leaves no route.
 *
 * @example
 * return narrow(['GET /*', 'orders:read']);
 */
export function narrow(scopes: readonly string[]): Verdict {
  return { verdict: 'narrow', scopes };
}

/**
 * What a verdict leaves, or why it leaves nothing.
 *
 * @throws {TypeError} if it is no verdict: then nobody gets in
 */
export function permittedByVerdict(verdict: unknown): Permitted | { readonly denied: string } {
  const { verdict: kind, reason, scopes }: Record<string, unknown> = { ...(verdict as object | undefined) };
  if (kind === 'allow') return ALL;
  if (kind === 'deny') return { denied: String(reason) };
  if (kind === 'narrow' && Array.isArray(scopes)) return permittedByList(scopes.map(String));
  throw new TypeError('the answer is none of allow(), deny(reason) and narrow(scopes)');
}
