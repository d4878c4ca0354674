import { allowPolicy, denyPolicy, policyTooLarge, type PolicyDocument, type UnscopedKeys } from './policy.ts';
import { isNamedScope, parseScope, SCOPE_ACCEPTS } from './scope.ts';
import { intersectRoutes } from './scope-intersection.ts';

/** All that a caller may do. `all` is what says nothing, and so narrows nothing. */
export interface Permitted {
  /** Route scopes. None: nothing may be called. */
  readonly routes: 'all' | readonly string[];
  /** Named scopes. */
  readonly names: 'all' | readonly string[];
  /** Whether the routes are the intersection of two lists, which can need a larger policy than either list. */
  readonly intersected?: true;
}

export const ALL: Permitted = { routes: 'all', names: 'all' };

/** What the scopes of a key permit. */
export function permittedByKey(scopes: readonly string[], unscopedKeys: UnscopedKeys): Permitted {
  // As in the policy: what is neither a name nor a route that can be read is a route that opens nothing.
  const routes = scopes.filter((text) => !isNamedScope(text));
  const whole = routes.length === 0 && unscopedKeys === 'whole-stage';
  return { routes: whole ? 'all' : routes, names: scopes.filter(isNamedScope) };
}

/**
 * What a list of scopes permits, and nothing beside it.
 *
 * @throws {TypeError} if one of them is none
 */
export function permittedByList(scopes: readonly string[]): Permitted {
  return permittedByKey(readable(scopes), 'nothing');
}

/**
 * What another credential permits: everything where nobody gives scopes, for then it does not say what its holder may
 * do. A list that is given counts as it is: names alone permit the routes that they would on a key, and an empty list
 * permits nothing, or a token with fewer scopes than another would open more.
 *
 * @param scopes `undefined` if nobody gives any
 * @throws {TypeError} if one of them is none
 */
export function permittedByCredential(scopes: readonly string[] | undefined, unscopedKeys: UnscopedKeys): Permitted {
  if (scopes === undefined) return ALL;
  return permittedByKey(readable(scopes), scopes.length === 0 ? 'nothing' : unscopedKeys);
}

function readable(scopes: readonly string[]): readonly string[] {
  const unreadable = scopes.find((text) => !isNamedScope(text) && parseScope(text) === undefined);
  if (unreadable !== undefined) throw new TypeError(`"${unreadable}" is no scope; accepted: ${SCOPE_ACCEPTS}`);
  return scopes;
}

/** What both permit. */
export function bothPermit(one: Permitted, other: Permitted): Permitted {
  const intersected = one.intersected ?? other.intersected ?? (one.routes !== 'all' && other.routes !== 'all');
  return {
    ...(intersected && { intersected }),
    routes: both(one.routes, other.routes, intersectRoutes),
    names: both(one.names, other.names, (names, others) => names.filter((name) => others.includes(name))),
  };
}

/** As the API behind gets to see it: a name that nobody has given is not had. */
export function scopesOf({ routes, names }: Permitted): string[] {
  return [...(routes === 'all' ? [] : routes), ...(names === 'all' ? [] : names)];
}

/**
 * Returns the policy for one stage. A key's own scopes get the policy that the stock authorizer gives them, whatever its
 * size: the size limit is a rule for new keys.
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

type Some = 'all' | readonly string[];

function both(one: Some, other: Some, intersect: (one: readonly string[], other: readonly string[]) => string[]): Some {
  if (one === 'all') return other;
  return other === 'all' ? one : intersect(one, other);
}
