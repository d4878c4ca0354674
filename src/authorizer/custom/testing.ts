import { randomBytes } from 'node:crypto';
import type { AuthorizerRequest } from '../request.ts';
import { canonical, type IdentitySource } from '../../gateway/identity-source.ts';
import { newKey } from '../../core/keys/key.ts';
import { TimeoutError, withTimeout } from '../../storage/with-timeout.ts';
import { HOOK_TIMEOUT_MS } from './hook.ts';
import { requestView, type RequestView } from './request-view.ts';

/** A request to try code with. */
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
 * A request as a parser or a hook gets to see it, to test it with.
 *
 * @example
 * const request = testRequest({ headers: { 'X-Tenant': 'acme' } }, ['method.request.header.X-Tenant']);
 * expect(parser.read(request)).toBe('…');
 */
export function testRequest(request: TestRequest, identitySources: readonly IdentitySource[]): RequestView {
  return requestView(asAuthorizerRequest(request), identitySources);
}

/** Code that says what it reads of a request: a parser, or a hook wrapped into one. */
export interface DeclaredReader {
  readonly identitySources: readonly IdentitySource[];
  read(request: RequestView): unknown;
}

/** How to try it. */
export interface DeclaredReadsOptions {
  /** The keys' label. @default 'lk' */
  readonly label?: string;
  /** How many requests to try. @default 300 */
  readonly runs?: number;
  /** How long the code may take for one request, in milliseconds. @default 1500 */
  readonly timeoutMs?: number;
}

/**
 * Tries code with very many requests, and fails if it reads a part of one that it does not declare. Such a read fails at
 * run time as well, if it is not caught, but then it is a customer who finds out.
 *
 * @param reader a parser; or a hook as `{ identitySources, read: (request) => authorize({ record, request }) }`
 * @throws {Error} naming what was read, and what to do
 * @throws {TimeoutError} if the code does not answer one of the requests in time
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
      // What it throws on a request is its own affair; what it has read is told above.
    }
  }
  if (undeclared.size === 0) return;
  const names = [...undeclared.values()].join(', ');
  const known = reader.identitySources.length === 0 ? 'nothing' : reader.identitySources.join(', ');
  throw new Error(
    `It reads ${names}, and declares ${known}. API Gateway caches answers by what is declared, so one that depends on more would be given to the wrong requests. Add it to identitySources, in the code and in the construct ApiKeys; or do not read it.`,
  );
}

/** Headers that code is likely to look at, beside those that it declares. */
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

/** With each name present or not, and with values that have the forms of a credential. The same for the same run. */
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

/** Mulberry32: small, and the same everywhere. */
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
    takesSimpleResponse: false,
    canAnswerUnauthorized: true,
    requestId: 'test',
    sourceIp,
  };
}
