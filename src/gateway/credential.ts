/**
 * Where the key can be in a request. Header names and schemes are case-insensitive.
 *
 * - `{ header: 'x-api-key' }`: the header's value is the key
 * - `{ header: 'authorization', scheme: 'Api-Key' }`: the key follows the scheme (RFC 9110 section 11.6.2)
 * - `{ cookie: 'api_key' }`: a cookie. Browsers send cookies with requests of any page, so protect against CSRF
 * - `{ query: 'api_key' }`: a query parameter. Query strings appear in logs and browser histories, so use it only for clients
 *   that cannot set a header, such as a browser that opens a WebSocket
 */
export type KeySource =
  | { readonly header: string; readonly scheme?: string | undefined }
  | { readonly cookie: string }
  | { readonly query: string };

/** The parts of a request that can contain a key: names with all their values. */
export interface CredentialParts {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** `conflict`: the request has two different keys, or has a source more than once. */
export type Credential =
  { readonly found: 'none' } | { readonly found: 'one'; readonly text: string } | { readonly found: 'conflict' };

/**
 * Finds the key text that a request carries in any of the given sources.
 *
 * A request that has a source more than once is rejected, even if all values are equal. API Gateway caches the result by
 * the source's value, and AWS doesn't document which of several values it uses. HTTP APIs join repeated headers to one value
 * (`K,K`), which is not a key, so the rule is the same for all kinds of API.
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

/** Returns the value of a source. Loops are faster than array methods, and a request has about 30 headers. */
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

/** A value with another scheme, such as `Bearer …`, is another kind of credential, and not a conflict. */
function keyTextsIn(source: KeySource, value: string): string[] {
  // An empty value, such as that of a cleared cookie, is not a key.
  if ('cookie' in source) return cookieValues(value, source.cookie).filter((text) => text !== '');
  const scheme = 'query' in source ? undefined : source.scheme;
  const text = scheme === undefined ? value : afterScheme(value, scheme);
  return text === '' ? [] : [text];
}

/** Returns the values of one cookie in the header `Cookie` (RFC 6265, section 4.2.1). */
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

/** Compares the lengths first, because a request has about 30 headers, and both cases, because the Kelvin sign in lower case is `k`. */
export function equalsIgnoringCase(one: string, other: string): boolean {
  return (
    one.length === other.length &&
    one.toLowerCase() === other.toLowerCase() &&
    one.toUpperCase() === other.toUpperCase()
  );
}

/** Removes the spaces and tabs that HTTP allows around a value. `trim` would remove other characters as well. */
export function trimSpaces(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && isSpace(value.charCodeAt(start))) start++;
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
