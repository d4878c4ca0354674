/**
 * Where a request may carry the key. Header names and schemes are matched without regard to case.
 *
 * - `{ header: 'x-api-key' }`: the header's value is the key
 * - `{ header: 'authorization', scheme: 'Api-Key' }`: the key follows the scheme (RFC 9110 section 11.6.2)
 * - `{ cookie: 'api_key' }`: a cookie. Browsers send it by themselves, whichever page asks: see to forged requests
 * - `{ query: 'api_key' }`: a query parameter. Query strings end up in logs and histories: only for clients
 *   that cannot set a header, as a browser opening a WebSocket
 */
export type KeySource =
  | { readonly header: string; readonly scheme?: string | undefined }
  | { readonly cookie: string }
  | { readonly query: string };

/** The parts of a request that a key can come from: names with all their values. */
export interface CredentialParts {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** `conflict`: two different keys in one request, or a place that the request has more than once. */
export type Credential =
  { readonly found: 'none' } | { readonly found: 'one'; readonly text: string } | { readonly found: 'conflict' };

/**
 * Finds the key text that a request carries in any of the given sources.
 *
 * A place that a request has more than once is rejected, even if all values are the same. API Gateway caches the result
 * under the place's value, and AWS doesn't document which of several that is. HTTP APIs join repeated headers to one value
 * (`K,K`), which is no key either: so the rule is the same for all kinds of API.
 */
export function findCredential(parts: CredentialParts, sources: readonly KeySource[]): Credential {
  let found: Credential = NONE;
  for (const source of sources) {
    const value = valueAt(source, parts);
    if (value.found === 'conflict') return value;
    if (value.found === 'none') continue;
    const texts = keyTextsIn(source, value.text);
    if (texts.length > 1) return CONFLICT;
    for (const text of texts) {
      if (found.found === 'one' && found.text !== text) return CONFLICT;
      found = { found: 'one', text };
    }
  }
  return found;
}

const NONE: Credential = { found: 'none' };
const CONFLICT: Credential = { found: 'conflict' };

/** What stands at a place. In loops, for a request has thirty headers and this looks at each of them. */
function valueAt(source: KeySource, { headers, query }: CredentialParts): Credential {
  let found: string | undefined;
  for (const [name, value] of 'query' in source ? query : headers) {
    if (!isAt(source, name)) continue;
    const text = trimSpaces(value);
    if (found !== undefined) return CONFLICT;
    found = text;
  }
  return found === undefined ? NONE : { found: 'one', text: found };
}

function isAt(source: KeySource, name: string): boolean {
  if ('query' in source) return name === source.query;
  return equalsIgnoringCase(name, 'cookie' in source ? 'cookie' : source.header);
}

/** A value with another scheme, such as `Bearer …`, is somebody else's credential: not ours, and no conflict. */
function keyTextsIn(source: KeySource, value: string): string[] {
  // A cookie that was cleared, as an empty header, is no key.
  if ('cookie' in source) return cookieValues(value, source.cookie).filter((text) => text !== '');
  const scheme = 'query' in source ? undefined : source.scheme;
  const text = scheme === undefined ? value : afterScheme(value, scheme);
  return text === '' ? [] : [text];
}

/** The values of one cookie in the header `Cookie`: RFC 6265 section 4.2.1. */
export function cookieValues(header: string, name: string): string[] {
  return header.split(';').flatMap((pair) => {
    const [before = '', ...value] = pair.split('=');
    return trimSpaces(before) === name ? [trimSpaces(value.join('='))] : [];
  });
}

function afterScheme(value: string, scheme: string): string {
  const [word = ''] = value.split(' ', 1);
  return equalsIgnoringCase(word, scheme) ? trimSpaces(value.slice(word.length)) : '';
}

/** Lengths first: a request has thirty headers. And both cases, because the lower case of the Kelvin sign is a plain `k`. */
export function equalsIgnoringCase(one: string, other: string): boolean {
  return (
    one.length === other.length &&
    one.toLowerCase() === other.toLowerCase() &&
    one.toUpperCase() === other.toUpperCase()
  );
}

/** Without the spaces and tabs that HTTP allows around a value, and only those: `trim` takes much more for space. */
export function trimSpaces(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && isSpace(value.charCodeAt(start))) start++;
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
