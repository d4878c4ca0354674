import type { AuthorizerRequest } from '../request.ts';
import { cookiesIn, sameButForCase, withoutSpace } from '../../gateway/credential.ts';
import { canonical, headerSource, querySource, SOURCE_IP, type IdentitySource } from '../../gateway/identity-source.ts';
import { stageOf } from '../../core/scopes/policy.ts';

/**
 * A request, as code of a team's own gets to see it: only those parts that it has declared. API Gateway caches answers by
 * the declared parts, so an answer that depended on another would be given to the wrong request.
 */
export interface RequestView {
  /**
   * The value of a header, whatever its case.
   *
   * @throws {UndeclaredReadError} if `method.request.header.<name>` is not declared; so do all below, each for its own
   */
  header(name: string): string | undefined;
  /** The value of a query parameter: `method.request.querystring.<name>`. */
  query(name: string): string | undefined;
  /** The value of one cookie: `method.request.header.Cookie`, for all cookies are one header. */
  cookie(name: string): string | undefined;
  /** The caller's address: `context.identity.sourceIp`. */
  readonly sourceIp: string | undefined;
  /** Such as `GET`: `context.httpMethod`. */
  readonly method: string;
  /** Such as `/orders/1`, without the stage: `context.path`. */
  readonly path: string;
  /** The name of the stage. Needs no declaration: each stage has a cache of its own. */
  readonly stage: string;
}

/** Code has read a part of the request that it has not declared. */
export class UndeclaredReadError extends Error {
  override readonly name = 'UndeclaredReadError';
  readonly source: IdentitySource;

  constructor(source: IdentitySource, declared: readonly IdentitySource[]) {
    const known = declared.length === 0 ? 'nothing' : declared.join(', ');
    super(
      `${source} was read but is not declared (declared: ${known}): add it to identitySources, or answers cached without regard to it would be given to the wrong requests`,
    );
    this.source = source;
  }
}

/** The request has a part more than once. */
export class AmbiguousRequestError extends Error {
  override readonly name = 'AmbiguousRequestError';
}

/**
 * @param declared what may be read
 * @param onRead told of every read, declared or not
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
    read(headerSource(name), () => only(valuesOf(credentialParts.headers, (one) => sameButForCase(one, name))));
  const view: RequestView = {
    header,
    query: (name) => read(querySource(name), () => only(valuesOf(credentialParts.query, (one) => one === name))),
    cookie: (name) => only(cookiesIn(header('Cookie') ?? '', name)),
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

/** Anything shorter is no secret, and to take it out would leave no message readable. */
const SHORTEST_SECRET = 8;

/**
 * What code could have read of a request's declared headers and parameters, to be taken out of what it throws: the values,
 * and the words in them, such as what follows a scheme or stands in a cookie. The longest first.
 */
export function secretsIn(
  { credentialParts: { headers, query } }: AuthorizerRequest,
  declared: readonly IdentitySource[],
): string[] {
  const names = new Set(declared.map(canonical));
  const values = [
    ...headers.map(([name, value]) => [headerSource(name), value] as const),
    ...query.map(([name, value]) => [querySource(name), value] as const),
  ].flatMap(([source, value]) =>
    names.has(canonical(source)) ? [withoutSpace(value), ...value.split(/[\s,;=]+/)] : [],
  );
  return [...new Set(values)]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .toSorted((one, other) => other.length - one.length);
}

type Pairs = readonly (readonly [name: string, value: string])[];

function valuesOf(pairs: Pairs, is: (name: string) => boolean): string[] {
  return pairs.filter(([name]) => is(name)).map(([, value]) => withoutSpace(value));
}

function only(values: readonly string[]): string | undefined {
  if (values.length > 1)
    throw new AmbiguousRequestError(
      'The request has a header, query parameter, or cookie more than once. Send it once.',
    );
  return values[0];
}
