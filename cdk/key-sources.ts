import type { KeySource } from '../src/gateway/credential.ts';
import { canonical, placeOf } from '../src/gateway/identity-source.ts';

/** The names that API Gateway accepts in an identity source. */
const NAME = /^[A-Za-z0-9._-]+$/;
/** An authentication scheme: a token of RFC 9110, section 11.1. */
const SCHEME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Returns why these sources are not valid, or `undefined` if they are. */
export function keySourcesFault(sources: readonly KeySource[]): string | undefined {
  if (sources.length === 0) return 'keySources is empty. Add at least one header, cookie or query parameter.';
  const seen = new Set<string>();
  for (const source of sources) {
    const name = 'query' in source ? source.query : 'cookie' in source ? source.cookie : source.header;
    if (!NAME.test(name))
      return `keySources contains the name "${name}", which is not valid. Use letters, digits, dots, dashes and underscores.`;
    const scheme = 'header' in source ? source.scheme : undefined;
    if (scheme !== undefined && !SCHEME.test(scheme))
      return `keySources contains the authentication scheme "${scheme}", which is not valid. Use one word, such as "Api-Key".`;

    // A header with and without a scheme is ambiguous: the same value could be read as two different keys.
    const bare = canonical(placeOf(source));
    const part = 'cookie' in source ? source.cookie : scheme?.toLowerCase();
    const place = part === undefined ? bare : `${bare} ${part}`;
    const clashes =
      seen.has(place) ||
      (part === undefined ? [...seen].some((other) => other.startsWith(`${bare} `)) : seen.has(bare));
    if (clashes)
      return `keySources contains "${name}" more than once. Use each place once, or with a different scheme each time.`;
    seen.add(place);
  }
  return undefined;
}
