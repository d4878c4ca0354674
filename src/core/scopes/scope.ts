/**
 * A parsed route scope. A list of scopes can have two kinds: API Gateway checks route scopes, and the API checks named scopes
 * such as `orders:write` (`requireScope`), which don't affect routes.
 *
 * A route scope is a route that a key may call: `METHOD /path/pattern`, such as `GET /orders/*`, or `$connect` for a
 * WebSocket API. It becomes a `Resource` of an IAM policy, so `*` matches any sequence of characters, including slashes, as
 * in IAM. Letter case and trailing slashes are significant.
 *
 * AWS doesn't document whether API Gateway matches policies against the path as it was sent or as it is decoded. So a
 * percent-encoded character matches itself encoded, with upper-case or lower-case digits, and itself as it is if it is
 * printable ASCII and not reserved (`%20` matches a space). Other characters match only encoded: a decoded `%2F` would
 * be another path, and a decoded `%2A` a wildcard.
 *
 * https://www.rfc-editor.org/rfc/rfc3986#section-2.1
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
export interface Scope {
  /** The methods that it allows. Empty for `$connect`. */
  readonly methods: readonly string[];
  /** The path pattern with its first slash and upper-case percent-encoding, or `$connect`. */
  readonly path: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** The path characters of RFC 3986 and the wildcard, without the comma, which joins scopes in the context. */
const PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()+;=:@/*]|%[0-9A-Fa-f]{2})*$/;

/** Dot segments, plain or percent-encoded. No valid route needs them, and a backend may resolve them. */
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)|%(?:25)*2e/i;

const ENCODED = /%[0-9A-Fa-f]{2}/g;

/** Printable ASCII without characters that have a meaning in a URL or an IAM policy. */
const PLAIN = /^[A-Za-z0-9\-_~ "<>^`{|}]$/;

/** What a scope can be, for error messages. */
export const SCOPE_ACCEPTS =
  '"METHOD /path", METHOD one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS or *, the path URL-encoded, * matching any characters (use * for a {parameter}); or "$connect"; or a name with a colon, such as "orders:write"';

/** The colon distinguishes a named scope from a mistyped route scope, such as `connect`. */
const NAMED_SCOPE = /^[a-z][a-z0-9._-]*(?::[a-z0-9._-]+)+$/;

/**
 * Returns whether a text is a named scope, such as `orders:write`. Use it to select from the scopes of a token, which can be
 * any text, such as `openid` or a URL.
 */
export function isNamedScope(text: string): boolean {
  return NAMED_SCOPE.test(text);
}

/**
 * Parses a route scope, or returns `undefined` if it is invalid.
 *
 * The method `*` becomes the seven methods by name. As a wildcard it would match slashes in IAM, and `* /orders/*` would
 * allow `GET /admin/orders/1`.
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
 * Returns the IAM resources of a scope on one stage.
 *
 * @param stageArn `arn:…:execute-api:<region>:<account>:<api>/<stage>`, without a trailing slash
 */
export function scopeResources(scope: Scope, stageArn: string): string[] {
  if (scope.path === '$connect') return [`${stageArn}/$connect`];
  const paths = encodings(scope.path);
  return scope.methods.flatMap((method) => paths.map((path) => `${stageArn}/${method}${path}`));
}

/** Returns a path pattern in each encoding that API Gateway may compare it with. */
function encodings(path: string): string[] {
  const octets = path.match(ENCODED);
  if (octets === null) return [path];
  const lower = path.replace(ENCODED, (octet) => octet.toLowerCase());
  const decoded = octets.every((octet) => PLAIN.test(decodeOctet(octet))) ? path.replace(ENCODED, decodeOctet) : path;
  return [...new Set([path, lower, decoded])];
}

function decodeOctet(octet: string): string {
  return String.fromCharCode(Number.parseInt(octet.slice(1), 16));
}
