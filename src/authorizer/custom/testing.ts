import { randomBytes } from 'node:crypto';
import type { AuthorizerRequest } from '../request.ts';
import { canonical, type IdentitySource } from '../../gateway/identity-source.ts';
import { newKey } from '../../core/keys/key.ts';
import { TimeoutError, withTimeout } from '../../storage/with-timeout.ts';
import { HOOK_TIMEOUT_MS } from './hook.ts';
import { requestView, type RequestView } from './request-view.ts';

/** A request to test your code with. */
export interface TestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** @default 'GET' */
  readonly method?: string;
  /** @default '/' */
  readonly path?: string;
  /** @default '192.0.2.1' */
  readonly sourceIp?: string;
  /** @default 'prod' */
  readonly stage?: string;
}

/**
 * Returns a request as a parser or a hook sees it, to test your code with.
 *
 * @example
 * const request = testRequest({ headers: { 'X-Tenant': 'acme' } }, ['method.request.header.X-Tenant']);
 * expect(parser.read(request)).toBe('…');
 */
export function testRequest(request: TestRequest, identitySources: readonly IdentitySource[]): RequestView {
  return requestView(asAuthorizerRequest(request), identitySources);
}

/** Code that declares which parts of a request it reads: a parser, or a wrapped hook. */
export interface DeclaredReader {
  readonly identitySources: readonly IdentitySource[];
  read(request: RequestView): unknown;
}

/** Options of {@link expectDeclaredReads}. */
export interface DeclaredReadsOptions {
  /** The label of the keys in the requests. @default 'lk' */
  readonly label?: string;
  /** The number of requests. @default 300 */
  readonly runs?: number;
  /** The time limit for one request, in milliseconds. @default 1500 */
  readonly timeoutMs?: number;
}

/**
 * Calls your code with many random requests, and fails if it reads a part that it does not declare. Such a read also fails
 * in production, unless your code catches the error.
 *
 * @param reader a parser; or a hook as `{ identitySources, read: (request) => authorize({ record, request }) }`
 * @throws {Error} if the code reads undeclared parts, naming them
 * @throws {TimeoutError} if the code exceeds the time limit
 * @example
 * it('reads what it declares', () => expectDeclaredReads(parser));
 */
export async function expectDeclaredReads(
  reader: DeclaredReader,
  { label = 'lk', runs = 300, timeoutMs = HOOK_TIMEOUT_MS }: DeclaredReadsOptions = {},
): Promise<void> {
  const declared = new Set(reader.identitySources.map(canonical));
  const undeclared = new Map<string, IdentitySource>();
  for (let run = 0; run < runs; run++) {
    const request = asAuthorizerRequest(randomRequest(reader.identitySources, run, label));
    const view = requestView(request, reader.identitySources, (source) => {
      if (!declared.has(canonical(source))) undeclared.set(canonical(source), source);
    });
    try {
      await withTimeout('the code to test', timeoutMs, () => reader.read(view));
    } catch (error) {
      if (error instanceof TimeoutError) throw error;
      // Other errors are fine: only the reads matter, and `requestView` reports them.
    }
  }
  if (undeclared.size === 0) return;
  const names = [...undeclared.values()].join(', ');
  const known = reader.identitySources.length === 0 ? 'nothing' : reader.identitySources.join(', ');
  throw new Error(
    `The code reads ${names}, but declares ${known}. API Gateway caches results by the declared parts, so it would apply results to the wrong requests. Add the parts to identitySources, in the code and in the construct ApiKeys, or don't read them.`,
  );
}

/** Headers that code is likely to read, in addition to those that it declares. */
const USUAL_HEADERS = [
  'Authorization',
  'X-Api-Key',
  'Cookie',
  'Origin',
  'Referer',
  'User-Agent',
  'X-Forwarded-For',
  'Host',
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
const PATHS = ['/', '/orders', '/orders/1', '/admin/users'];

/** Returns a request with a random selection of parts, whose values look like credentials. The same run gives the same request. */
function randomRequest(sources: readonly IdentitySource[], run: number, label: string): TestRequest {
  const random = randomFrom(run);
  const pick = <One>(list: readonly One[]): One | undefined => list[Math.floor(random() * list.length)];
  const key = newKey({ label, randomBytes }).text;
  const values = [
    key,
    `Api-Key ${key}`,
    `Bearer ${key}`,
    `session=${key}; other=1`,
    `v1.${key}.x`,
    '',
    'nonsense',
    'a.b.c',
  ];
  const some = (names: readonly string[]) =>
    Object.fromEntries(names.filter(() => random() < 0.6).map((name) => [name, pick(values) ?? '']));
  const named = (kind: string) =>
    sources.flatMap((source) => (source.startsWith(kind) ? [source.slice(kind.length)] : []));
  return {
    headers: some([...new Set([...named('method.request.header.'), ...USUAL_HEADERS])]),
    query: some([...named('method.request.querystring.'), 'api_key', 'token']),
    method: pick(METHODS) ?? 'GET',
    path: pick(PATHS) ?? '/',
    sourceIp: random() < 0.5 ? '192.0.2.1' : '2001:db8::1',
  };
}

/** The random number generator Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function asAuthorizerRequest(request: TestRequest): AuthorizerRequest {
  const { headers = {}, query = {}, method = 'GET', path = '/', sourceIp = '192.0.2.1', stage = 'prod' } = request;
  const stageArn = `arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/${stage}`;
  return {
    route: { stageArn, arn: `${stageArn}/${method}${path}` },
    credentialParts: { headers: Object.entries(headers), query: Object.entries(query) },
    acceptsSimpleResponse: false,
    supportsUnauthorized: true,
    requestId: 'test',
    sourceIp,
  };
}
