import type { KeySource } from './credential.ts';

/**
 * A part of a request that an authorizer's answer depends on, as a REST API writes an identity source. API Gateway
 * caches answers by these parts, and wants every one of them in each request.
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

export const SOURCE_IP = 'context.identity.sourceIp' satisfies IdentitySource;

/** Says in words what {@link isIdentitySource} accepts. */
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

/** Whether a text is an identity source. */
export function isIdentitySource(text: string): text is IdentitySource {
  return (
    /^method\.request\.(?:header|querystring)\.[A-Za-z0-9._-]+$/.test(text) ||
    ['context.identity.sourceIp', 'context.httpMethod', 'context.path'].includes(text)
  );
}

/** The same for sources that mean the same part: names of headers are matched without regard to case. */
export function canonical(source: IdentitySource): string {
  return source.startsWith(HEADER) ? source.toLowerCase() : source;
}

/** Whether every request has this part, whoever sends it. */
export function isInEveryRequest(source: IdentitySource): boolean {
  return source.startsWith('context.');
}

/** The part of a request that a source of keys lies in: for a cookie all cookies, for they are one header. */
export function placeOf(source: KeySource): IdentitySource {
  if ('query' in source) return querySource(source.query);
  return headerSource('cookie' in source ? 'Cookie' : source.header);
}

/** Each part once, as it was first written. */
export function distinct(sources: readonly IdentitySource[]): IdentitySource[] {
  return [...new Map(sources.toReversed().map((source) => [canonical(source), source])).values()].toReversed();
}

/** As an HTTP API writes it. */
export function httpIdentitySource(source: IdentitySource): string {
  return isInEveryRequest(source) ? `$${source}` : source.replace(/^method\./, '$');
}
