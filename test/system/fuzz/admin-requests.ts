import fc from 'fast-check';
import { definitionOf, OPERATION_NAMES } from '../../../src/management/operations.ts';
import { address, anyCase, keyValue, lookAlike, megabytes, page, PROTOTYPE_NAMES } from './hostile.ts';

/** One call to a management function. */
export interface AdminCase {
  /** Its entry file in `functions/`, without the extension. */
  readonly function: string;
  /** The event that Lambda receives, as JSON. */
  readonly payload: string;
  /** `direct`: invoked through Lambda, without API Gateway. */
  readonly through: 'rest' | 'http' | 'direct';
  /** Whether API Gateway or an SDK can send this event. */
  readonly sendable: boolean;
}

interface AdminFunction {
  readonly name: string;
  /** The route of the admin API. Undefined if the function has none. */
  readonly method?: string | undefined;
  /** The path parameter. */
  readonly of?: string | undefined;
  /** The input fields that are not in the path. */
  readonly fields: readonly string[];
}

const FUNCTIONS: readonly AdminFunction[] = OPERATION_NAMES.map(definitionOf).map(({ entry, route, fields }) => {
  const of = route === undefined ? undefined : /\{(\w+)\}/.exec(route.path)?.[1];
  return { name: entry, method: route?.method, of, fields: fields.filter((field) => field !== of) };
});

/** JSON as strings, to include JSON that `JSON.stringify` cannot write. */
type JsonText = fc.Arbitrary<string>;
const text = (value: fc.Arbitrary<unknown>): JsonText => value.map((one) => JSON.stringify(one));

const number: JsonText = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '-1',
    '1e400',
    '-1e400',
    '1e200',
    '1e126',
    '9.99e125',
    '1e-200',
    '5e-324',
    '1e-130',
    '9007199254740991',
    '9007199254740993',
    '-9007199254740993',
    '1e16',
    '1e21',
    '0.1',
    '123456789012345678901234567890',
    '1.7976931348623157e308',
  ),
  text(fc.double({ noNaN: true, noDefaultInfinity: true })),
  text(fc.integer()),
);
const string: JsonText = fc.oneof(
  { weight: 12, arbitrary: text(fc.string({ unit: 'binary', maxLength: 130 })) },
  { weight: 12, arbitrary: text(fc.string({ unit: 'grapheme', maxLength: 110 })) },
  { weight: 12, arbitrary: text(keyValue) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      '"\\ud800"',
      '"\\udc00x"',
      '"\\u0000"',
      '"a\\u0000b"',
      '"\\u202e"',
      '""',
      '" "',
      ...PROTOTYPE_NAMES.map((name) => `"${name}"`),
    ),
  },
  { weight: 1, arbitrary: text(megabytes.map((long) => long.slice(0, 1_048_576))) },
);
const deep: JsonText = fc
  .constantFrom(10, 1000, 20_000)
  .chain((depth) =>
    fc.constantFrom(`${'['.repeat(depth)}${']'.repeat(depth)}`, `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
  );
const anything: JsonText = fc.oneof(
  { weight: 9, arbitrary: number },
  { weight: 12, arbitrary: string },
  {
    weight: 6,
    arbitrary: fc.constantFrom('null', 'true', 'false', '[]', '{}', '[null]', '{"__proto__":{}}', '{"constructor":1}'),
  },
  { weight: 6, arbitrary: fc.json() },
  { weight: 1, arbitrary: deep },
);

const object = (members: fc.Arbitrary<readonly (readonly [string, string])[]>): JsonText =>
  members.map((list) => `{${list.map(([name, content]) => `${JSON.stringify(name)}:${content}`).join(',')}}`);

const fieldName = fc.oneof(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/),
  fc.constantFrom(...PROTOTYPE_NAMES),
  fc.string({ maxLength: 70 }),
);
const scope = fc.oneof(
  fc.constantFrom(
    'GET /orders/*',
    '* /*',
    '$connect',
    'GET /../x',
    'GET /a,b',
    'get /x',
    'GET /%2e%2e/',
    'GET /*?',
    'GET  /x',
    'PUT /',
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 400 }).map((path) => `GET /${path}`),
  fc.webPath().map((path) => `POST /${path}`),
);
const cursor = fc.oneof(
  fc.base64String({ maxLength: 100 }),
  fc
    .tuple(
      fc.oneof(fc.integer(), fc.double(), fc.string({ unit: 'binary', maxLength: 50 }), fc.constant(1e300)),
      fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.constant('abcdefghijkl')),
    )
    .map((position) => Buffer.from(JSON.stringify(position)).toString('base64url')),
);
const duration = fc.oneof(
  fc.constantFrom(
    '0s',
    '1d',
    '90d',
    '999999999y',
    '8000y',
    '2027-02-29',
    '2028-02-29',
    '9999-12-31',
    '9999-12-31T23:59:59-23:59',
    '2027-01-31T24:00:00Z',
    '2027-06-30T23:59:60Z',
    '0000-01-01',
    '+010000-01-01T00:00:00Z',
    '2999-13-01',
    '1e3d',
    '-1d',
  ),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
);
const day = fc.oneof(
  fc.constantFrom(
    '2027-01-31',
    '2027-02-29',
    '0000-01-01',
    '9999-12-31',
    '2027-1-1',
    '-000001-01-01',
    '2027-01-31T00:00Z',
  ),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
);
const owner = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('acme', 'umbrella', 'acme#1', '#', ...PROTOTYPE_NAMES) },
  fc.stringMatching(/^[!-~]{1,128}$/),
);
const source = fc.oneof(
  address,
  fc.tuple(address, fc.nat({ max: 130 })).map(([start, bits]) => `${start}/${String(bits)}`),
);
const stageName = fc.oneof(fc.constantFrom('prod', '$default', 'a/b', '*', ''), fc.string({ maxLength: 130 }));
const restrictions: JsonText = object(
  fc
    .tuple(
      fc.option(text(fc.array(source, { maxLength: 4 })), { nil: undefined }),
      fc.option(text(fc.array(page, { maxLength: 3 })), { nil: undefined }),
      fc.option(text(fc.array(stageName, { maxLength: 3 })), { nil: undefined }),
    )
    .map((lists) =>
      ['sourceIps', 'origins', 'stages'].flatMap((name, index) => {
        const list = lists[index];
        return list === undefined ? [] : [[name, list] as const];
      }),
    ),
);

/** Numbers inside, at, and outside the limits of DynamoDB and Latchkey. */
const PLAUSIBLE: Readonly<Record<string, JsonText>> = {
  name: text(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })),
  ownerId: text(owner),
  scopes: text(fc.array(scope, { maxLength: 5 })),
  metadata: object(fc.array(fc.tuple(fieldName, fc.oneof(number, string)), { maxLength: 4 })),
  plan: fc.constantFrom('"free"', '"constructor"', '"__proto__"', 'null'),
  limits: fc.constantFrom(
    'null',
    '{"rate":"5/s"}',
    '{"rate":"5/s","burst":1e9}',
    '{"quota":"1/day"}',
    '{"burst":2}',
    '{"rate":"1e9/s"}',
    '{"rate":"999999999999999999/s"}',
  ),
  restrictions: fc.oneof(
    restrictions,
    fc.constantFrom(
      'null',
      '{"sourceIps":["192.0.2.0/24","2001:db8::/32"]}',
      '{"origins":["https://app.example.com","https://*.example.com"]}',
      '{"stages":["prod","$default"]}',
      '{"sourceIps":["0.0.0.0/0"],"origins":["http://localhost:3000"],"stages":["dev"]}',
    ),
  ),
  notBefore: fc.oneof(text(duration), fc.constant('null')),
  expires: text(duration),
  overlap: text(duration),
  idempotencyToken: text(
    fc.oneof(fc.constantFrom('a', 'b'), fc.string({ unit: 'binary', minLength: 1, maxLength: 256 })),
  ),
  version: number,
  reason: text(fc.string({ unit: 'grapheme', maxLength: 200 })),
  by: text(fc.string({ unit: 'grapheme', maxLength: 130 })),
  from: text(day),
  to: text(day),
  sourceIp: text(address),
  origin: text(page),
  stage: text(stageName),
  key: text(keyValue),
  route: text(
    fc.oneof(
      fc.webPath().map((path) => `GET ${path}`),
      fc.constant('$connect'),
      fc.string(),
    ),
  ),
  limit: fc.oneof(fc.constantFrom('1', '100', '"1"', '500'), number),
  cursor: text(cursor),
  status: fc.constantFrom('"active"', '"disabled"', '"expired"', '"revoked"', '"Active"'),
  dryRun: fc.constantFrom('true', 'false'),
};

/** Exported records with one defect. */
const portable: JsonText = fc
  .tuple(
    fc.stringMatching(/^[0-9A-Za-z]{12}$/),
    fc.array(
      fc.tuple(
        fc.constantFrom(
          'name',
          'scopes',
          'metadata',
          'createdAt',
          'expiresAt',
          'revokedAt',
          'lastUsedAt',
          'version',
          'replacedBy',
          'countsAs',
          'digest',
          'label',
          'importedFrom',
          'prefix',
          'idempotency',
          'limits',
          'restrictions',
          'notBefore',
        ),
        fc.oneof(anything, number, text(duration), PLAUSIBLE['metadata'] ?? anything, restrictions),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([prefix, changes]) => {
    const fields = new Map<string, string>([
      ['prefix', JSON.stringify(prefix)],
      ['digest', JSON.stringify(`sha256$${'B'.repeat(43)}`)],
      ['name', '"moved in"'],
      ['createdAt', '"2020-02-29T00:00:00Z"'],
      ...changes,
    ]);
    return `{${[...fields].map(([name, content]) => `"${name}":${content}`).join(',')}}`;
  });
const records: JsonText = fc
  .array(fc.oneof({ weight: 4, arbitrary: portable }, anything), { maxLength: 4 })
  .map((list) => `[${list.join(',')}]`);

function fieldValue(field: string): JsonText {
  const plausible = field === 'records' ? records : PLAUSIBLE[field];
  return plausible === undefined
    ? anything
    : fc.oneof({ weight: 3, arbitrary: plausible }, { weight: 1, arbitrary: anything });
}

/** Members of an input: some of its fields, and sometimes an unknown one. */
function members({ name, fields }: AdminFunction): fc.Arbitrary<[string, string][]> {
  const known = fields.map((field) => fieldValue(field).map((content): [string, string] => [field, content]));
  const strange = fc.tuple(
    fc.oneof(fieldName, fc.constantFrom(...fields, 'prefix', 'name', 'ownerId').chain(anyCase), lookAlike('name')),
    anything,
  );
  const some = known.map((member) => fc.option(member, { nil: undefined, freq: name === 'list-keys' ? 1 : 2 }));
  return fc
    .tuple(fc.tuple(...some), fc.option(strange, { nil: undefined, freq: 1 }))
    .map(([given, extra]) => [...given, extra].filter((member) => member !== undefined));
}

const broken: JsonText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 4, arbitrary: fc.json().map((whole) => whole.slice(0, -1)) },
  fc.constantFrom(
    '',
    ' ',
    'null',
    '[]',
    '{',
    '{"key":"lk_',
    '{"a":1}}',
    "{'a':1}",
    '\ufeff{}',
    'NaN',
    '{"name":1,"name":"twice"}',
  ),
  deep,
  megabytes,
);

/** Prefixes, some of which exist. The caller fills in `known`. */
export const KNOWN_PREFIX = 'PREFIXOFAKEY';
const prefix = fc.oneof(
  { weight: 6, arbitrary: fc.constant(KNOWN_PREFIX) },
  { weight: 2, arbitrary: fc.stringMatching(/^[0-9A-Za-z]{12}$/) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('drf.abcdefgh', 'hash.abcdefghijklmnopqrstuv', '..', '%2e%2e', ...PROTOTYPE_NAMES),
  },
);

const CALLER = { userArn: 'arn:aws:iam::000000000000:user/fuzz' };

/** The path parameter of a function. `undefined` if its path has none. */
const named = ({ of }: AdminFunction): fc.Arbitrary<Readonly<Record<string, string>> | undefined> => {
  if (of === undefined) return fc.constant(undefined);
  const id = of === 'prefix' ? prefix : fc.oneof({ weight: 4, arbitrary: owner }, prefix);
  return id.map((one) => ({ [of]: one }));
};

const routed = FUNCTIONS.filter((one) => one.method !== undefined);
const proxied: fc.Arbitrary<AdminCase> = fc.constantFrom(...routed).chain((one) =>
  fc
    .tuple(
      fc.constantFrom('rest' as const, 'http' as const),
      named(one),
      members(one),
      broken,
      fc.nat({ max: 9 }),
      fc.boolean(),
    )
    .map(([through, path, list, garbage, choice, encoded]) => {
      const json = `{${list.map(([name, content]) => `${JSON.stringify(name)}:${content}`).join(',')}}`;
      const body = one.method === 'GET' ? null : choice === 0 ? garbage : json;
      // Query parameters are strings, so other values are sent as JSON.
      const query =
        one.method === 'GET'
          ? list.map(
              ([name, content]) => [name, content.startsWith('"') ? (JSON.parse(content) as string) : content] as const,
            )
          : choice === 1
            ? [['key', 'x'] as const]
            : [];
      const isBase64Encoded = encoded && body !== null;
      const payload = {
        requestContext:
          through === 'rest'
            ? { httpMethod: one.method, identity: CALLER }
            : { http: { method: one.method }, authorizer: { iam: CALLER } },
        body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
        isBase64Encoded,
        pathParameters: path ?? null,
      };
      const written = `{${query.map(([name, content]) => `${JSON.stringify(name)}:${JSON.stringify(content)}`).join(',')}}`;
      return {
        function: one.name,
        through,
        sendable: true,
        payload: `${JSON.stringify(payload).slice(0, -1)},"queryStringParameters":${query.length === 0 ? 'null' : written}}`,
      };
    }),
);

const direct: fc.Arbitrary<AdminCase> = fc.constantFrom(...FUNCTIONS).chain((one) =>
  fc.tuple(named(one), members(one), anything, fc.nat({ max: 9 })).map(([path = {}, list, garbage, choice]) => {
    const all = [...Object.entries(path).map(([name, id]) => [name, JSON.stringify(id)] as const), ...list];
    const json = `{${all.map(([name, content]) => `${JSON.stringify(name)}:${content}`).join(',')}}`;
    return { function: one.name, through: 'direct', sendable: true, payload: choice === 0 ? garbage : json };
  }),
);

/** Parts of a proxy event whose types API Gateway guarantees. Only a configuration error changes them. */
const mangled: fc.Arbitrary<AdminCase> = fc
  .tuple(
    proxied,
    fc.constantFrom('requestContext', 'body', 'isBase64Encoded', 'pathParameters', 'queryStringParameters'),
    anything,
  )
  .map(([one, part, content]) => {
    const parts = Object.entries(JSON.parse(one.payload) as object).filter(([name]) => name !== part);
    const rest = parts.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
    return { ...one, sendable: false, payload: `{${[...rest, `"${part}":${content}`].join(',')}}` };
  });

export const adminCase = fc.oneof(
  { weight: 5, arbitrary: proxied },
  { weight: 4, arbitrary: direct },
  { weight: 1, arbitrary: mangled },
);
