/**
 * Scopes come in two kinds, side by side in one list. A route scope is what API Gateway can judge by; a named one,
 * such as `orders:write`, is for the API behind (`requireScope`) and says nothing about paths.
 *
 * A route scope says what a key may call: `METHOD /path/pattern`, such as `GET /orders/*`, or `$connect` for a
 * WebSocket API. It becomes the `Resource` of an IAM policy, so `*` means what IAM means by it: any run of
 * characters, slashes included. Case and trailing slashes count.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
export interface Scope {
  /** The methods it opens; for `$connect` none. */
  readonly methods: readonly string[];
  /** The path pattern, from its first slash on; or `$connect`. */
  readonly path: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** RFC 3986 path characters, without the comma that joins scopes in the context, plus the wildcard. */
const PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()+;=:@/*]|%[0-9A-Fa-f]{2})*$/;

/** Dot segments, plain or percent-encoded: no honest route needs them, and a back end may resolve them. */
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)|%2e/i;

/** Says in words what a scope is, for error messages. */
export const SCOPE_ACCEPTS =
  '"METHOD /path", METHOD one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS or *, the path URL-encoded, * standing for any run of characters (write * for a {parameter}); or "$connect"; or a name with a colon in it, such as "orders:write"';

/** The colon is what tells a name from a route scope that was mistyped, such as `connect`. */
const NAMED_SCOPE = /^[a-z][a-z0-9._-]*(?::[a-z0-9._-]+)+$/;

/**
 * Whether a text is a named scope, such as `orders:write`. To be used on what an issuer calls scopes, which may be
 * anything: `openid`, or an address.
 */
export function isNamedScope(text: string): boolean {
  return NAMED_SCOPE.test(text);
}

/**
 * Reads a route scope, or answers `undefined` if it is not one.
 *
 * `*` for the method becomes the seven methods by name: left as a wildcard, IAM would let it swallow slashes,
 * and `* /orders/*` would open `GET /admin/orders/1`.
 */
export function parseScope(text: string): Scope | undefined {
  if (text === '$connect') return { methods: [], path: text };
  const space = text.indexOf(' ');
  const method = text.slice(0, space);
  const path = text.slice(space + 1);
  if (!PATH.test(path) || DOT_SEGMENT.test(path)) return undefined;
  if (method === '*') return { methods: METHODS, path };
  return METHODS.some((known) => known === method) ? { methods: [method], path } : undefined;
}

/**
 * The IAM resources a scope opens on one stage.
 *
 * @param stageArn `arn:…:execute-api:<region>:<account>:<api>/<stage>`, without a slash at its end
 */
export function scopeResources(scope: Scope, stageArn: string): string[] {
  if (scope.path === '$connect') return [`${stageArn}/$connect`];
  return scope.methods.map((method) => `${stageArn}/${method}${scope.path}`);
}
