import type { KeySource } from './credential.ts';

/**
 * A part of a request that an authorizer's result depends on, in the notation of REST APIs. API Gateway caches results by
 * these parts, and requires all of them in each request.
 *
 * - `method.request.header.X-Tenant`
 * - `method.request.querystring.tenant`
 * - `context.identity.sourceIp`, `context.httpMethod`, `context.path`
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
 */
export type IdentitySource =
  | `method.request.header.${string}`
  | `method.request.querystring.${string}`
  | 'context.identity.sourceIp'
  | 'context.httpMethod'
  | 'context.path';

/** The caller's IP address. */
export const SOURCE_IP = 'context.identity.sourceIp' satisfies IdentitySource;

/** What {@link isIdentitySource} accepts, for error messages. */
export const IDENTITY_SOURCE_ACCEPTS =
  '"method.request.header.<name>", "method.request.querystring.<name>", "context.identity.sourceIp", "context.httpMethod" or "context.path"';

const HEADER = 'method.request.header.';
const QUERY = 'method.request.querystring.';

export function headerSource(name: string): IdentitySource {
  return `${HEADER}${name}`;
}

export function querySource(name: string): IdentitySource {
  return `${QUERY}${name}`;
}

/** Returns whether a text is an identity source. */
export function isIdentitySource(text: string): text is IdentitySource {
  return (
    /^method\.request\.(?:header|querystring)\.[A-Za-z0-9._-]+$/.test(text) ||
    ['context.identity.sourceIp', 'context.httpMethod', 'context.path'].includes(text)
  );
}

/** Returns the same text for sources of the same part: header names are case-insensitive. */
export function canonical(source: IdentitySource): string {
  return source.startsWith(HEADER) ? source.toLowerCase() : source;
}

/** Returns whether every request has this part. */
export function isInEveryRequest(source: IdentitySource): boolean {
  return source.startsWith('context.');
}

/** Returns the part of a request that contains a source of keys. For a cookie it is the header with all cookies. */
export function placeOf(source: KeySource): IdentitySource {
  if ('query' in source) return querySource(source.query);
  return headerSource('cookie' in source ? 'Cookie' : source.header);
}

/** Removes sources of the same part, and keeps the first of them. */
export function distinct(sources: readonly IdentitySource[]): IdentitySource[] {
  return [...new Map(sources.toReversed().map((source) => [canonical(source), source])).values()].toReversed();
}

/** Returns a source in the notation of HTTP APIs. */
export function httpIdentitySource(source: IdentitySource): string {
  return isInEveryRequest(source) ? `$${source}` : source.replace(/^method\./, '$');
}
