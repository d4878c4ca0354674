import { parseScope } from './scope.ts';
import { matchesWildcard } from './wildcard.ts';

/** Patterns with many stars meet in very many ways. More than this nobody means, and no policy could hold. */
const MAX_PATTERNS = 100;
/** A policy of 8 kB holds some forty. To find which of very many cover each other would take longer than an answer may. */
const MAX_SCOPES = 500;
const TOO_MANY = 'the scopes are too many, or have too many stars, to be narrowed';

/**
 * The route scopes that open exactly what both lists open.
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
      // Two halves of a dot segment can meet; such paths are denied anyhow.
      return parseScope(text) !== undefined && !scopes.some(within);
    })
    .map(([text]) => text);
}

/**
 * The patterns, with IAM's `*`, that together match exactly what both patterns match.
 *
 * Both are walked at once. Where both stand at a star, so does the result, and either may go on; where one does, it
 * takes the other's next character or goes on; where none does, the characters must be the same.
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

/** Each once, and none that another covers. */
function distinct(patterns: readonly string[]): string[] {
  const all = [...new Set(patterns)];
  const kept = all.filter((pattern) => !all.some((other) => other !== pattern && matchesWildcard(other, pattern)));
  if (kept.length > MAX_PATTERNS) throw new RangeError(TOO_MANY);
  return kept;
}
