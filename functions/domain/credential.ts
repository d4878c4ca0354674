/**
 * Where a request may carry the key. Header names and schemes are matched without regard to case.
 *
 * - `{ header: 'x-api-key' }`: the header's value is the key
 * - `{ header: 'authorization', scheme: 'Api-Key' }`: the key follows the scheme (RFC 9110 section 11.6.2)
 * - `{ query: 'api_key' }`: a query parameter. Query strings end up in logs and histories: only for clients
 *   that cannot set a header, as a browser opening a WebSocket
 */
export type KeySource = { readonly header: string; readonly scheme?: string | undefined } | { readonly query: string };

/** The parts of a request that a key can come from: names with all their values. */
export interface CredentialParts {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** `conflict`: two different keys in one request, which no honest client sends. */
export type Credential =
  { readonly found: 'none' } | { readonly found: 'one'; readonly text: string } | { readonly found: 'conflict' };

/** Finds the key text that a request carries in any of the given sources. */
export function findCredential(parts: CredentialParts, sources: readonly KeySource[]): Credential {
  const candidates = new Set(sources.flatMap((source) => valuesAt(source, parts)));
  const [text, another] = candidates;
  if (text === undefined) return { found: 'none' };
  return another === undefined ? { found: 'one', text } : { found: 'conflict' };
}

function valuesAt(source: KeySource, parts: CredentialParts): string[] {
  if ('query' in source)
    return parts.query.filter(([name]) => name === source.query).flatMap(([, value]) => present(value));
  const wanted = source.header.toLowerCase();
  const values = parts.headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  return values.flatMap((value) => present(source.scheme === undefined ? value : afterScheme(value, source.scheme)));
}

/** A value with another scheme, such as `Bearer …`, is somebody else's credential: not ours, and no conflict. */
function afterScheme(value: string, scheme: string): string {
  const trimmed = value.trimStart();
  const [word = ''] = trimmed.split(' ', 1);
  return word.toLowerCase() === scheme.toLowerCase() ? trimmed.slice(word.length) : '';
}

function present(value: string): string[] {
  const text = value.trim();
  return text === '' ? [] : [text];
}
