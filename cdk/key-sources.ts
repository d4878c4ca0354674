import type { KeySource } from '../src/gateway/credential.ts';
import { canonical, placeOf } from '../src/gateway/identity-source.ts';

/** A name that API Gateway's expressions can hold. */
const NAME = /^[A-Za-z0-9._-]+$/;
/** An authentication scheme, RFC 9110 section 11.1. */
const SCHEME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What is wrong with these sources, or `undefined`. */
export function keySourcesFault(sources: readonly KeySource[]): string | undefined {
  if (sources.length === 0) return 'keySources is empty; accepted: at least one header, cookie or query parameter';
  const seen = new Set<string>();
  for (const source of sources) {
    const name = 'query' in source ? source.query : 'cookie' in source ? source.cookie : source.header;
    if (!NAME.test(name))
      return `"${name}" in keySources is no name; accepted: letters, digits, dots, dashes and underscores`;
    const scheme = 'header' in source ? source.scheme : undefined;
    if (scheme !== undefined && !SCHEME.test(scheme))
      return `"${scheme}" in keySources is no authentication scheme; accepted: one word, such as "Api-Key"`;

    // A header that held both a bare key and a scheme would read as two different keys, which is refused.
    const bare = canonical(placeOf(source));
    const part = 'cookie' in source ? source.cookie : scheme?.toLowerCase();
    const place = part === undefined ? bare : `${bare} ${part}`;
    const clashes =
      seen.has(place) ||
      (part === undefined ? [...seen].some((other) => other.startsWith(`${bare} `)) : seen.has(bare));
    if (clashes)
      return `"${name}" is in keySources more than once; accepted: each place once, or each with a scheme of its own`;
    seen.add(place);
  }
  return undefined;
}
