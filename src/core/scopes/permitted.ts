import { allowPolicy, denyPolicy, policyTooLarge, type PolicyDocument, type UnscopedKeys } from './policy.ts';
import { isNamedScope, parseScope, SCOPE_ACCEPTS } from './scope.ts';
import { intersectRoutes } from './scope-intersection.ts';

/** What a caller may do. `all` means every route, or every named scope. */
export interface Permitted {
  /** Route scopes. Empty if the caller may call no route. */
  readonly routes: 'all' | readonly string[];
  /** Named scopes. */
  readonly names: 'all' | readonly string[];
  /** Whether the routes are the intersection of two lists, which can need a larger policy than either list. */
  readonly intersected?: true;
}

export const ALL: Permitted = { routes: 'all', names: 'all' };

/** Returns what the scopes of a key permit. */
export function permittedByKey(scopes: readonly string[], unscopedKeys: UnscopedKeys): Permitted {
  // As in the policy, an invalid scope counts as a route scope that allows no route.
  const routes = scopes.filter((text) => !isNamedScope(text));
  const whole = routes.length === 0 && unscopedKeys === 'whole-stage';
  return { routes: whole ? 'all' : routes, names: scopes.filter(isNamedScope) };
}

/**
 * Returns what a list of scopes permits. Without route scopes, it permits no route.
 *
 * @throws {TypeError} if one of the scopes is invalid
 */
export function permittedByList(scopes: readonly string[]): Permitted {
  return permittedByKey(validated(scopes), 'nothing');
}

/**
 * Returns what a credential other than a key permits. Without a list of scopes, it permits everything. With only named
 * scopes, it permits the same routes as a key with them. An empty list permits nothing: otherwise, a token with fewer scopes
 * than another could call more routes.
 *
 * @param scopes `undefined` if the credential has no list of scopes
 * @throws {TypeError} if one of the scopes is invalid
 */
export function permittedByCredential(scopes: readonly string[] | undefined, unscopedKeys: UnscopedKeys): Permitted {
  if (scopes === undefined) return ALL;
  return permittedByKey(validated(scopes), scopes.length === 0 ? 'nothing' : unscopedKeys);
}

function validated(scopes: readonly string[]): readonly string[] {
  const invalid = scopes.find((text) => !isNamedScope(text) && parseScope(text) === undefined);
  if (invalid !== undefined) throw new TypeError(`"${invalid}" is not a valid scope; accepted: ${SCOPE_ACCEPTS}`);
  return scopes;
}

/** Returns the intersection: what both permit. */
export function bothPermit(one: Permitted, other: Permitted): Permitted {
  const intersected = one.intersected ?? other.intersected ?? (one.routes !== 'all' && other.routes !== 'all');
  return {
    ...(intersected && { intersected }),
    routes: both(one.routes, other.routes, intersectRoutes),
    names: both(one.names, other.names, (names, others) => names.filter((name) => others.includes(name))),
  };
}

/** Returns the scopes for the API. `all` adds none: a named scope must be listed. */
export function scopesOf({ routes, names }: Permitted): string[] {
  return [...(routes === 'all' ? [] : routes), ...(names === 'all' ? [] : names)];
}

/**
 * Returns the policy for one stage. A key's own scopes get the policy that the standard authorizer returns for them, of any
 * size: the size limit applies only to new keys.
 *
 * @throws {RangeError} if an intersection needs a larger policy than API Gateway accepts
 */
export function policyOf({ routes, intersected }: Permitted, stageArn: string): PolicyDocument {
  if (routes === 'all') return allowPolicy([], stageArn, 'whole-stage');
  if (routes.length === 0) return denyPolicy(stageArn);
  const fault = intersected && policyTooLarge(routes, stageArn);
  if (fault !== undefined) throw new RangeError(fault);
  return allowPolicy(routes, stageArn, 'nothing');
}

type ScopeList = 'all' | readonly string[];

function both(
  one: ScopeList,
  other: ScopeList,
  intersect: (one: readonly string[], other: readonly string[]) => string[],
): ScopeList {
  if (one === 'all') return other;
  return other === 'all' ? one : intersect(one, other);
}
