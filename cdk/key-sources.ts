import type { KeySource } from '../functions/domain/credential.ts';

/** A name that API Gateway's expressions can hold. */
const NAME = /^[A-Za-z0-9._-]+$/;
/** An authentication scheme, RFC 9110 section 11.1. */
const SCHEME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What is wrong with these sources, or `undefined`. */
export function keySourcesFault(sources: readonly KeySource[]): string | undefined {
  if (sources.length === 0) return 'keySources is empty; accepted: at least one header or query parameter';
  const seen = new Set<string>();
  for (const source of sources) {
    const name = 'query' in source ? source.query : source.header;
    if (!NAME.test(name))
      return `"${name}" in keySources is no name; accepted: letters, digits, dots, dashes and underscores`;
    const scheme = 'query' in source ? undefined : source.scheme;
    if (scheme !== undefined && !SCHEME.test(scheme))
      return `"${scheme}" in keySources is no authentication scheme; accepted: one word, such as "Api-Key"`;

    // A header that held both a bare key and a scheme would read as two different keys, which is refused.
    const bare = placeOf(source);
    const place = scheme === undefined ? bare : `${bare} ${scheme.toLowerCase()}`;
    const clashes =
      seen.has(place) ||
      (scheme === undefined ? [...seen].some((other) => other.startsWith(`${bare} `)) : seen.has(bare));
    if (clashes)
      return `"${name}" is in keySources more than once; accepted: each place once, or each with a scheme of its own`;
    seen.add(place);
  }
  return undefined;
}

/** The places in a request that the key can be in, each once: several schemes share one header. */
export function identityPlaces(sources: readonly KeySource[]): readonly KeySource[] {
  return [...new Map(sources.map((source) => [placeOf(source), source])).values()];
}

function placeOf(source: KeySource): string {
  return 'query' in source ? `query ${source.query}` : `header ${source.header.toLowerCase()}`;
}
