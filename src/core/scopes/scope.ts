/**
 * Scopes come in two kinds, side by side in one list. A route scope is what API Gateway can judge by; a named one,
 * such as `orders:write`, is for the API behind (`requireScope`) and says nothing about paths.
 *
 * A route scope says what a key may call: `METHOD /path/pattern`, such as `GET /orders/*`, or `$connect` for a
 * WebSocket API. It becomes the `Resource` of an IAM policy, so `*` means what IAM means by it: any run of
 * characters, slashes included. Case and trailing slashes count.
 *
 * AWS doesn't document whether API Gateway matches policies against the path as it was sent or as it is decoded. So a
 * percent-encoded character matches itself encoded, with upper-case or lower-case digits, and itself as it is if it is
 * printable ASCII and not reserved (`%20` matches a space). Other characters match encoded only: a decoded `%2F` would
 * be another path, and a decoded `%2A` a wildcard.
 *
 * https://www.rfc-editor.org/rfc/rfc3986#section-2.1
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
export interface Scope {
  /** The methods it opens; for `$connect` none. */
  readonly methods: readonly string[];
  /** The path pattern from its first slash, with upper-case digits in what is percent-encoded; or `$connect`. */
  readonly path: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** RFC 3986 path characters, without the comma that joins scopes in the context, plus the wildcard. */
const PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()+;=:@/*]|%[0-9A-Fa-f]{2})*$/;

/** Dot segments, plain or percent-encoded once or more: no valid route needs them, and a back end may resolve them. */
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)|%(?:25)*2e/i;

const ENCODED = /%[0-9A-Fa-f]{2}/g;

/** Printable ASCII without the characters that mean something in a URL or in an IAM policy. */
const PLAIN = /^[A-Za-z0-9\-_~ "<>^`{|}]$/;

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
  const normalized = path.replace(ENCODED, (octet) => octet.toUpperCase());
  if (method === '*') return { methods: METHODS, path: normalized };
  return METHODS.some((known) => known === method) ? { methods: [method], path: normalized } : undefined;
}

/**
 * The IAM resources a scope opens on one stage.
 *
 * @param stageArn `arn:…:execute-api:<region>:<account>:<api>/<stage>`, without a slash at its end
 */
export function scopeResources(scope: Scope, stageArn: string): string[] {
  if (scope.path === '$connect') return [`${stageArn}/$connect`];
  const paths = writtenWays(scope.path);
  return scope.methods.flatMap((method) => paths.map((path) => `${stageArn}/${method}${path}`));
}

/** A path pattern in each form that API Gateway may match it against. */
function writtenWays(path: string): string[] {
  const octets = path.match(ENCODED);
  if (octets === null) return [path];
  const lower = path.replace(ENCODED, (octet) => octet.toLowerCase());
  const decoded = octets.every((octet) => PLAIN.test(decodeOctet(octet))) ? path.replace(ENCODED, decodeOctet) : path;
  return [...new Set([path, lower, decoded])];
}

function decodeOctet(octet: string): string {
  return String.fromCharCode(Number.parseInt(octet.slice(1), 16));
}
