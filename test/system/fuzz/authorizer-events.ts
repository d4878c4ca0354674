import fc from 'fast-check';
import { DOORS, type Door } from './doors.ts';
import { address, anyCase, keyValue, lookAlike, megabytes, page, PROTOTYPE_NAMES, schemedValue } from './hostile.ts';
import { ISSUED } from './world.ts';

/** An event for an authorizer, and the same request with its headers in another order and case. */
export interface AuthorizerCase {
  readonly door: Door;
  /** The event that Lambda receives, as JSON. */
  readonly payload: string;
  readonly twin?: string;
  /** Whether API Gateway can send it: values are strings, and the route is always present. */
  readonly sendable: boolean;
}

type Pair = readonly [name: string, value: string];
type Container = readonly (readonly [string, unknown])[];

const API = 'arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5';
const stage = fc.constantFrom('prod', 'prod', 'prod', 'prod', 'PROD', 'prod2', 'dev', '$default');

const method = fc.constantFrom('GET', 'GET', 'GET', 'POST', 'DELETE', 'OPTIONS');
const step = fc.constantFrom(
  'orders',
  '1',
  '..',
  '.',
  '%2e%2e',
  '%2E.',
  '..%2f',
  '%2f..',
  '%5c..',
  '\\..',
  'admin',
  '',
  ':',
  '*',
  '..;',
  '%00',
  '%252e%252e',
);
const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('/orders/1', '/orders/', '/orders', '/', '/admin', '/orders/1/lines') },
  { weight: 3, arbitrary: fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => `/orders/${steps.join('/')}`) },
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => `/${text}`),
  // A key in the wrong place must be rejected and must not be logged.
  keyValue.map((text) => `/orders/${text}`),
  fc.webPath(),
);

const declared = fc.constantFrom('x-api-key', 'x-api-key', 'authorization');
const headerName = fc.oneof(
  { weight: 10, arbitrary: declared.chain(anyCase) },
  { weight: 3, arbitrary: declared.chain(lookAlike) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'x-api-key ',
      ' x-api-key',
      'x_api_key',
      'api-key',
      'api_key',
      'cookie',
      'x-api-key\0',
      ...PROTOTYPE_NAMES,
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);
const queryName = fc.oneof(
  { weight: 6, arbitrary: fc.constant('api_key') },
  fc.constantFrom('API_KEY', 'api_key ', 'api-key', 'api_key[]', 'x-api-key', ...PROTOTYPE_NAMES),
  lookAlike('api_key'),
);
const value = fc.oneof(
  { weight: 60, arbitrary: keyValue },
  { weight: 30, arbitrary: schemedValue },
  { weight: 1, arbitrary: megabytes },
);

/** The headers of a well-behaved client. */
const good = fc.constantFrom(...ISSUED.map(({ text }) => text));
const goodHeader = fc.oneof(
  fc.tuple(anyCase('x-api-key'), good),
  fc.tuple(
    anyCase('authorization'),
    good.map((text) => `Api-Key ${text}`),
  ),
);
const strangers = fc.array(fc.tuple(fc.constantFrom('accept', 'cookie', 'x-api-keys', ...PROTOTYPE_NAMES), value), {
  maxLength: 3,
});
/** `Origin` and `Referer` headers: as browsers send them, missing, repeated, or with look-alike values. */
const whence = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom('origin', 'origin', 'referer').chain(anyCase), page) },
    fc.tuple(fc.constantFrom('origin', 'referer').chain(lookAlike), page),
    fc.tuple(fc.constantFrom('x-forwarded-for', 'x-real-ip', 'forwarded', 'true-client-ip'), address),
  ),
  { maxLength: 3 },
);
const headers = fc
  .tuple(
    fc.oneof(
      fc.array(fc.tuple(headerName, value), { maxLength: 5 }),
      fc.tuple(strangers, goodHeader, strangers).map(([before, one, after]) => [...before, one, ...after]),
    ),
    whence,
  )
  .map(([carried, said]): Pair[] => [...carried, ...said]);
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Pair[]>([]) },
  fc.array(fc.tuple(queryName, value), { maxLength: 3 }),
);

/** Writes JSON by hand, because an object can't have a member `__proto__` and puts numeric names first. The last of repeated names wins. */
function json(entries: Container): string {
  const unique = [...new Map(entries)];
  return `{${unique.map(([name, content]) => `${JSON.stringify(name)}:${JSON.stringify(content)}`).join(',')}}`;
}

const grouped = (pairs: readonly Pair[]): Container =>
  [...Map.groupBy(pairs, ([name]) => name)].map(([name, group]) => [name, group.map(([, one]) => one)]);

interface Request {
  readonly kind: 'rest' | 'http' | 'websocket';
  readonly shape: 'both' | 'single' | 'multi' | 'null';
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Pair[];
  readonly query: readonly Pair[];
  readonly stage: string;
  /** The caller's address as API Gateway sees it, independent of any header. */
  readonly sourceIp: string | undefined;
}

/** The event that API Gateway sends for a request. */
function eventOf({ kind, shape, headers: sent, query: asked, sourceIp, ...route }: Request): string {
  const arn = `${API}/${route.stage}/${kind === 'websocket' ? '$connect' : `${route.method}${route.path}`}`;
  const single = (pairs: readonly Pair[]) => (shape === 'multi' || shape === 'null' ? 'null' : json(pairs));
  const multi = (pairs: readonly Pair[]) => (shape === 'single' || shape === 'null' ? 'null' : json(grouped(pairs)));
  const context = JSON.stringify({
    ...{ apiId: 'a1b2c3d4e5', stage: route.stage, requestId: 'request-1' },
    ...(sourceIp !== undefined && { [kind === 'http' ? 'http' : 'identity']: { sourceIp } }),
  });
  if (kind === 'http') {
    // Payload 2.0 has names in lower case, and joins repeated values with commas.
    const joined = (pairs: readonly Pair[], name: (text: string) => string) =>
      json(
        [...Map.groupBy(pairs, ([given]) => name(given))].map(([given, group]) => [
          given,
          group.map(([, one]) => one).join(','),
        ]),
      );
    return `{"version":"2.0","type":"REQUEST","routeArn":${JSON.stringify(arn)},"identitySource":[],"headers":${joined(sent, (name) => asciiCase(name, false))},"queryStringParameters":${joined(asked, (name) => name)},"requestContext":${context}}`;
  }
  return `{"type":"REQUEST","methodArn":${JSON.stringify(arn)},"headers":${single(sent)},"multiValueHeaders":${multi(sent)},"queryStringParameters":${single(asked)},"multiValueQueryStringParameters":${multi(asked)},"requestContext":${context}}`;
}

const request: fc.Arbitrary<Request> = fc.record({
  kind: fc.constantFrom('rest', 'http', 'websocket'),
  shape: fc.oneof(
    { weight: 6, arbitrary: fc.constant('both' as const) },
    fc.constantFrom('single' as const, 'multi' as const, 'null' as const),
  ),
  method,
  path,
  headers,
  query,
  stage,
  sourceIp: fc.option(address, { nil: undefined, freq: 20 }),
});

/** A restricted key, mostly used from a permitted place. */
const ofRestricted: fc.Arbitrary<Request> = fc
  .tuple(
    request,
    fc.constantFrom(...ISSUED.filter(({ restrictions, suspended }) => restrictions !== undefined || suspended)),
    fc.oneof({ weight: 2, arbitrary: fc.constant<Pair[]>([['Origin', 'https://app.example.com']]) }, whence),
    fc.oneof({ weight: 2, arbitrary: fc.constant('192.0.2.7') }, address),
    fc.oneof({ weight: 2, arbitrary: fc.constant({ method: 'GET', path: '/orders/1' }) }, fc.record({ method, path })),
  )
  .map(([one, { text }, said, sourceIp, route]) => ({
    ...{ ...one, ...route, kind: one.kind === 'websocket' ? 'rest' : one.kind, query: [], sourceIp },
    headers: [['X-Api-Key', text], ...said],
  }));

const sendable: fc.Arbitrary<AuthorizerCase> = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...DOORS), request) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('restricted' as const), ofRestricted) },
    ),
    fc.nat(),
    fc.boolean(),
  )
  .map(([[door, one], rotation, upper]) => {
    const cut = one.headers.length === 0 ? 0 : rotation % one.headers.length;
    // Repeated names keep their relative order, so that the last one stays the last.
    const distinct = new Set(one.headers.map(([name]) => name)).size === one.headers.length;
    const moved = distinct ? [...one.headers.slice(cut), ...one.headers.slice(0, cut)].toReversed() : one.headers;
    const recased = moved.map(([name, content]) => [asciiCase(name, upper), content] as const);
    const stillDistinct = new Set(recased.map(([name]) => name)).size === new Set(moved.map(([name]) => name)).size;
    const twin = { ...one, headers: stillDistinct ? recased : moved };
    // HTTP APIs join names that differ only in case, in their order.
    const twinIsSame =
      one.kind !== 'http' || new Set(one.headers.map(([name]) => asciiCase(name, false))).size === one.headers.length;
    return { door, payload: eventOf(one), ...(twinIsSame && { twin: eventOf(twin) }), sendable: true };
  });

function asciiCase(name: string, upper: boolean): string {
  return name.replaceAll(/[A-Za-z]/g, (letter) => (upper ? letter.toUpperCase() : letter.toLowerCase()));
}

/** An event with any JSON in place of any part. Only a configuration error could send it. */
const anything = fc.oneof(
  fc.constantFrom(
    'null',
    '[]',
    '{}',
    '0',
    '""',
    'true',
    '[null]',
    '{"x-api-key":null}',
    '{"x-api-key":[]}',
    '{"x-api-key":{}}',
    '{"x-api-key":7}',
    '{"x-api-key":[7,null]}',
  ),
  fc.json(),
);
const mangled: fc.Arbitrary<AuthorizerCase> = fc
  .tuple(
    fc.constantFrom(...DOORS),
    request,
    fc.array(
      fc.tuple(
        fc.constantFrom(
          'version',
          'routeArn',
          'methodArn',
          'headers',
          'multiValueHeaders',
          'queryStringParameters',
          'multiValueQueryStringParameters',
          'requestContext',
          'type',
        ),
        anything,
      ),
      { minLength: 1, maxLength: 3 },
    ),
    fc.boolean(),
    anything,
  )
  .map(([door, one, replaced, whole, other]) => {
    const parts = new Map(
      Object.entries(JSON.parse(eventOf(one)) as object).map(([name, part]) => [name, JSON.stringify(part)]),
    );
    for (const [name, text] of replaced) parts.set(name, text);
    const event = `{${[...parts].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
    return { door, payload: whole && replaced.length === 3 ? other : event, sendable: false };
  });

export const authorizerCase = fc.oneof({ weight: 9, arbitrary: sendable }, { weight: 1, arbitrary: mangled });
