import { parseScope } from './scope.ts';
import { matchesWildcard } from './wildcard.ts';

/** Patterns with many stars can have very many intersections. No policy could hold more than this. */
const MAX_PATTERNS = 100;
/** A policy of 8 kB holds about 40 scopes. Comparing many more with each other would exceed the time limit. */
const MAX_SCOPES = 500;
const TOO_MANY = 'there are too many scopes, or too many stars in them, to intersect; use fewer scopes or stars';

/**
 * Returns the route scopes that allow exactly what both lists allow.
 *
 * @throws {RangeError} if that takes more scopes than any policy could hold
 */
export function intersectRoutes(some: readonly string[], others: readonly string[]): string[] {
  const both = new Map<string, { readonly method: string; readonly path: string }>();
  for (const one of some.map(parseScope)) {
    for (const other of others.map(parseScope)) {
      if (one === undefined || other === undefined) continue;
      if (one.path === '$connect' || other.path === '$connect') {
        if (one.path === other.path) both.set('$connect', { method: '', path: '$connect' });
        continue;
      }
      const methods = one.methods.filter((method) => other.methods.includes(method));
      if (methods.length === 0) continue;
      const paths = intersectPatterns(one.path, other.path);
      for (const method of methods) for (const path of paths) both.set(`${method} ${path}`, { method, path });
      if (both.size > MAX_SCOPES) throw new RangeError(TOO_MANY);
    }
  }
  const scopes = [...both];
  return scopes
    .filter(([text, { method, path }]) => {
      const within = ([wide, { method: m, path: p }]: (typeof scopes)[number]) =>
        wide !== text && m === method && matchesWildcard(p, path);
      // The intersection can contain a dot segment, which is not a valid scope. Such paths are denied anyway.
      return parseScope(text) !== undefined && !scopes.some(within);
    })
    .map(([text]) => text);
}

/**
 * Returns the patterns (with IAM's `*`) that together match exactly what both patterns match.
 *
 * Both patterns are read in parallel. If both are at a star, the result has a star, and either of them advances. If one is at
 * a star, the star consumes the other's next character or ends. If none is, the characters must be equal.
 *
 * @throws {RangeError} if there are too many
 */
export function intersectPatterns(one: string, other: string): string[] {
  const [p, q] = [one.replaceAll(/\*+/g, '*'), other.replaceAll(/\*+/g, '*')];
  const known = new Map<number, string[]>();
  return from(0, 0);

  function from(i: number, j: number): string[] {
    const at = i * (q.length + 1) + j;
    const found = known.get(at) ?? distinct(walk(i, j));
    known.set(at, found);
    return found;
  }

  function walk(i: number, j: number): string[] {
    const [a, b] = [p.charAt(i), q.charAt(j)];
    if (a === '*' && b === '*') return [...from(i + 1, j), ...from(i, j + 1)].map(withStar);
    if (a === '*') return [...from(i + 1, j), ...(b === '' ? [] : from(i, j + 1).map((rest) => b + rest))];
    if (b === '*') return [...from(i, j + 1), ...(a === '' ? [] : from(i + 1, j).map((rest) => a + rest))];
    if (a !== b) return [];
    return a === '' ? [''] : from(i + 1, j + 1).map((rest) => a + rest);
  }
}

function withStar(rest: string): string {
  return rest.startsWith('*') ? rest : `*${rest}`;
}

/** Removes duplicates, and patterns that another pattern covers. */
function distinct(patterns: readonly string[]): string[] {
  const all = [...new Set(patterns)];
  const kept = all.filter((pattern) => !all.some((other) => other !== pattern && matchesWildcard(other, pattern)));
  if (kept.length > MAX_PATTERNS) throw new RangeError(TOO_MANY);
  return kept;
}
