import { allowPolicy, denyPolicy, policyTooLarge, type PolicyDocument, type UnscopedKeys } from './policy.ts';
import { isNamedScope, parseScope, SCOPE_ACCEPTS } from './scope.ts';
import { intersectRoutes } from './scope-intersection.ts';

/** All that a caller may do. `all` is what says nothing, and so narrows nothing. */
export interface Permitted {
  /** Route scopes. None: nothing may be called. */
  readonly routes: 'all' | readonly string[];
  /** Named scopes. */
  readonly names: 'all' | readonly string[];
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
  const unreadable = scopes.find((text) => !isNamedScope(text) && parseScope(text) === undefined);
  if (unreadable !== undefined) throw new TypeError(`"${unreadable}" is no scope; accepted: ${SCOPE_ACCEPTS}`);
  return permittedByKey(scopes, 'nothing');
}

/**
 * What the scopes of another credential permit: without route scopes every route, without names none, unless there is
 * another permission that gives some.
 *
 * @throws {TypeError} if one of them is none
 */
export function permittedByCredential(scopes: readonly string[]): Permitted {
  const { routes, names } = permittedByList(scopes);
  return { routes: routes.length === 0 ? 'all' : routes, names: names.length === 0 ? 'all' : names };
}

/** What both permit. */
export function bothPermit(one: Permitted, other: Permitted): Permitted {
  return {
    routes: both(one.routes, other.routes, intersectRoutes),
    names: both(one.names, other.names, (names, others) => names.filter((name) => others.includes(name))),
  };
}

/** As the API behind gets to see it: a name that nobody has given is not had. */
export function scopesOf({ routes, names }: Permitted): string[] {
  return [...(routes === 'all' ? [] : routes), ...(names === 'all' ? [] : names)];
}

/**
 * All of it, as a policy on one stage.
 *
 * @throws {RangeError} if API Gateway could not take the policy
 */
export function policyOf({ routes }: Permitted, stageArn: string): PolicyDocument {
  if (routes === 'all') return allowPolicy([], stageArn, 'whole-stage');
  if (routes.length === 0) return denyPolicy(stageArn);
  const fault = policyTooLarge(routes);
  if (fault !== undefined) throw new RangeError(fault);
  return allowPolicy(routes, stageArn, 'nothing');
}

type Some = 'all' | readonly string[];

function both(one: Some, other: Some, intersect: (one: readonly string[], other: readonly string[]) => string[]): Some {
  if (one === 'all') return other;
  return other === 'all' ? one : intersect(one, other);
}
