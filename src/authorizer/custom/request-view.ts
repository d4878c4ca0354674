import type { AuthorizerRequest } from '../request.ts';
import { cookieValues, equalsIgnoringCase, trimSpaces } from '../../gateway/credential.ts';
import { canonical, headerSource, querySource, SOURCE_IP, type IdentitySource } from '../../gateway/identity-source.ts';
import { stageOf } from '../../core/scopes/policy.ts';

/**
 * A request as your code sees it: only the parts that it declares. API Gateway caches results by the declared parts, so a
 * result that depended on another part would be applied to the wrong request.
 */
export interface RequestView {
  /**
   * Returns the value of a header. The name is case-insensitive.
   *
   * @throws {UndeclaredReadError} if `method.request.header.<name>` is not declared. All members below throw it as well.
   * @throws {AmbiguousRequestError} if the request has the header more than once. `query` and `cookie` throw it as well.
   */
  header(name: string): string | undefined;
  /** Returns the value of a query parameter. Declared by `method.request.querystring.<name>`. */
  query(name: string): string | undefined;
  /** Returns the value of a cookie. Declared by `method.request.header.Cookie`, because all cookies are in one header. */
  cookie(name: string): string | undefined;
  /** The caller's IP address. Declared by `context.identity.sourceIp`. */
  readonly sourceIp: string | undefined;
  /** The HTTP method, such as `GET`. Declared by `context.httpMethod`. */
  readonly method: string;
  /** The path without the stage, such as `/orders/1`. Declared by `context.path`. */
  readonly path: string;
  /** The name of the stage. Needs no declaration, because each stage has its own cache. */
  readonly stage: string;
}

/** Thrown if code reads a part of the request that it does not declare. */
export class UndeclaredReadError extends Error {
  override readonly name = 'UndeclaredReadError';
  readonly source: IdentitySource;

  constructor(source: IdentitySource, declared: readonly IdentitySource[]) {
    const known = declared.length === 0 ? 'nothing' : declared.join(', ');
    super(
      `${source} was read but is not declared (declared: ${known}): add it to identitySources. Otherwise API Gateway would apply cached results to the wrong requests`,
    );
    this.source = source;
  }
}

/** Thrown if the request has a header, query parameter or cookie more than once. */
export class AmbiguousRequestError extends Error {
  override readonly name = 'AmbiguousRequestError';
}

/**
 * Returns the view of a request for custom code.
 *
 * @param declared the parts that may be read
 * @param onRead called for every read, declared or not
 */
export function requestView(
  { route, credentialParts, sourceIp }: AuthorizerRequest,
  declared: readonly IdentitySource[],
  onRead: (source: IdentitySource) => void = () => undefined,
): RequestView {
  const [, method = '', path = ''] = /^\/([^/]*)(.*)$/s.exec(route.arn.slice(route.stageArn.length)) ?? [];
  const names = new Set(declared.map(canonical));
  const read = <Value>(source: IdentitySource, value: () => Value): Value => {
    onRead(source);
    if (!names.has(canonical(source))) throw new UndeclaredReadError(source, declared);
    return value();
  };
  const header = (name: string) =>
    read(headerSource(name), () => only(valuesOf(credentialParts.headers, (one) => equalsIgnoringCase(one, name))));
  const view: RequestView = {
    header,
    query: (name) => read(querySource(name), () => only(valuesOf(credentialParts.query, (one) => one === name))),
    cookie: (name) => only(cookieValues(header('Cookie') ?? '', name)),
    get sourceIp() {
      return read(SOURCE_IP, () => sourceIp);
    },
    get method() {
      return read('context.httpMethod', () => method);
    },
    get path() {
      return read('context.path', () => path);
    },
    stage: stageOf(route),
  };
  return Object.freeze(view);
}

/** Shorter values are not secrets. Without them, no error message would be readable. */
const SHORTEST_SECRET = 8;

/**
 * Returns the values that code could have read from the declared headers and query parameters, to remove them from its error
 * messages. Includes the words in the values, such as the credential after a scheme or a cookie's value. The longest first.
 */
export function secretsIn(
  { credentialParts: { headers, query } }: AuthorizerRequest,
  declared: readonly IdentitySource[],
): string[] {
  const names = new Set(declared.map(canonical));
  const values = [
    ...headers.map(([name, value]) => [headerSource(name), value] as const),
    ...query.map(([name, value]) => [querySource(name), value] as const),
  ].flatMap(([source, value]) => (names.has(canonical(source)) ? [trimSpaces(value), ...value.split(/[\s,;=]+/)] : []));
  return [...new Set(values)]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .toSorted((one, other) => other.length - one.length);
}

type Pairs = readonly (readonly [name: string, value: string])[];

function valuesOf(pairs: Pairs, is: (name: string) => boolean): string[] {
  return pairs.filter(([name]) => is(name)).map(([, value]) => trimSpaces(value));
}

function only(values: readonly string[]): string | undefined {
  if (values.length > 1)
    throw new AmbiguousRequestError(
      'The request has a header, query parameter, or cookie more than once. Send it once.',
    );
  return values[0];
}
