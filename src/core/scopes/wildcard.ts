/**
 * Returns whether a text matches a pattern with IAM's `*`, which matches any sequence of characters. A `*` in the text is
 * matched only by a `*` in the pattern, so for two patterns it returns whether the first covers the second.
 *
 * The last part is compared first, because the `Deny` patterns of a policy end in parts that hardly any path has.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const lastStar = pattern.lastIndexOf('*');
  if (lastStar < 0) return pattern === text;
  const end = pattern.slice(lastStar + 1);
  if (!text.endsWith(end) || !text.includes(pattern.slice(pattern.lastIndexOf('*', lastStar - 1) + 1, lastStar))) {
    return false;
  }
  let star = pattern.indexOf('*');
  if (!text.startsWith(pattern.slice(0, star))) return false;
  let matched = star;
  while (star < lastStar) {
    const next = pattern.indexOf('*', star + 1);
    const part = pattern.slice(star + 1, next);
    const found = text.indexOf(part, matched);
    if (found < 0) return false;
    matched = found + part.length;
    star = next;
  }
  return text.length - matched >= end.length;
}
