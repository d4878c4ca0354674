import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attributesOf } from '../../../../cdk/attributes.ts';
import { untoldRule } from '../../../../src/core/attributes/untold-rule.ts';

const ofField = (a: z.ZodType) => untoldRule(z.object({ a }));
const told = (what: string, at = 'attributes.a') =>
  `${at} has ${what}, which JSON Schema cannot tell, so the functions would not heed it; accepted: texts, numbers, booleans, enums and literals, with lengths, bounds and patterns`;

describe('a schema whose rules JSON Schema tells', () => {
  it.each<[string, z.ZodType]>([
    ['texts', z.string()],
    ['lengths', z.string().min(1).max(9)],
    ['one length', z.string().length(2)],
    ['a pattern', z.string().regex(/^a/)],
    ['parts', z.string().startsWith('a').endsWith('b').includes('c')],
    ['lower case', z.string().lowercase()],
    ['upper case', z.string().uppercase()],
    ['an email', z.email()],
    ['a UUID', z.uuid()],
    ['a GUID', z.guid()],
    ['a URL', z.url()],
    ['a date', z.iso.date()],
    ['a time', z.iso.time()],
    ['a time of a day', z.iso.datetime()],
    ['a duration', z.iso.duration()],
    ['a CUID2', z.cuid2()],
    ['a ULID', z.ulid()],
    ['a nano id', z.nanoid()],
    ['an XID', z.xid()],
    ['a KSUID', z.ksuid()],
    ['numbers', z.number()],
    ['integers', z.int()],
    ['bounds', z.number().gt(1).lt(5).gte(2).lte(4)],
    ['steps', z.number().multipleOf(2)],
    ['booleans', z.boolean()],
    ['an enum', z.enum(['a', 'b'])],
    ['a literal', z.literal('a')],
    ['what may be left out', z.string().optional()],
    ['a default', z.string().default('a')],
    ['what is only read', z.string().readonly()],
    ['what may not be left out', z.string().optional().nonoptional()],
    ['alternatives', z.union([z.literal('a'), z.email()])],
  ])('%s', (_what, field) => {
    expect(ofField(field)).toBeUndefined();
  });

  it.each<[string, z.ZodType]>([
    ['none but its own fields', z.strictObject({ a: z.string() })],
    ['any others', z.looseObject({ a: z.string() })],
    ['others of a type', z.object({ a: z.string() }).catchall(z.number())],
    ['others of any type', z.object({ a: z.string() }).catchall(z.any())],
    ['others of a type that nobody knows', z.object({ a: z.string() }).catchall(z.unknown())],
    ['a field that is called as we call others', z.object({ '(others)': z.string() })],
    ['no fields', z.object({})],
  ])('which takes %s', (_what, schema) => {
    expect(untoldRule(schema)).toBeUndefined();
  });
});

describe('a default', () => {
  let count = 0;
  it.each<[string, z.ZodType]>([
    ['a random function', z.string().default(() => randomUUID())],
    [
      'a random function under wrappers',
      z
        .string()
        .default(() => randomUUID())
        .optional()
        .readonly(),
    ],
    ['a counter', z.number().default(() => count++)],
    ['the time', z.number().default(() => Date.now())],
    ['the day', z.string().default(() => new Date().toISOString().slice(0, 10))],
    ['the day without a constructor', z.string().default(() => Date().slice(0, 15))],
    ['a number that JSON does not have', z.number().default(NaN)],
    ['an infinite number', z.number().default(Infinity)],
    ['a promise', z.string().default((() => Promise.resolve('a')) as unknown as () => string)],
  ])('is refused if it is %s', (_what, field) => {
    expect(ofField(field)).toContain('attributes.a has a default that is not one string');
    expect(() => attributesOf(z.object({ a: field }), {})).toThrow('accepted: a constant default');
  });

  it.each<[string, z.ZodType]>([
    ['an empty string', z.string().default('')],
    ['zero', z.number().default(0)],
    ['false', z.boolean().default(false)],
    ['a function that returns a constant', z.string().default(() => 'free')],
  ])('is accepted if it is %s', (_what, field) => {
    expect(ofField(field)).toBeUndefined();
  });

  it('leaves the clock as it was', () => {
    const before = Date;
    expect(() =>
      ofField(
        z.string().default(() => {
          if (Date !== before) throw new Error('late');
          return 'a';
        }),
      ),
    ).toThrow('late');
    expect(Date).toBe(before);
  });
});

describe('a rule that JSON Schema would not tell', () => {
  it.each<[string, z.ZodType, string]>([
    ['a refinement', z.string().refine(Boolean), 'a refinement'],
    ['one behind others', z.string().min(1).refine(Boolean), 'a refinement'],
    ['one below a wrapper', z.string().refine(Boolean).optional(), 'a refinement'],
    ['one of several alternatives', z.union([z.literal('a'), z.string().refine(Boolean)]), 'a refinement'],
    ['a change', z.string().trim(), 'a change of the value, such as trim()'],
    ['a coercion', z.coerce.number(), 'a coercion'],
    ['flags', z.string().regex(/a/i), 'the flags of /a/i'],
    ['flags of a format', z.email({ pattern: /a/i }), 'the flags of /a/i'],
    ['an infinite bound', z.number().max(Infinity), 'the rule "less_than"'],
    ['a transform', z.string().transform(String), 'a pipe'],
    ['an asynchronous refinement', z.string().refine(() => Promise.resolve(true)), 'a refinement'],
    ['a fallback', z.string().catch('a'), 'a catch'],
    ['a default before parsing', z.string().prefault(() => randomUUID()), 'a prefault'],
    ['a format of its own', z.jwt(), 'the rule "jwt"'],
    ['a host', z.url({ hostname: /^a$/ }), 'the rule "url"'],
    ['a protocol', z.url({ protocol: /^https$/ }), 'the rule "url"'],
    ['a URL made normal', z.url({ normalize: true }), 'the rule "url"'],
    ['a part at a place', z.string().includes('a', { position: 2 }), 'the rule "includes"'],
    ['a date', z.date(), 'a date'],
    ['null', z.string().nullable(), 'a nullable'],
    ['a list', z.array(z.string()), 'a array'],
    ['an object', z.object({}), 'a object'],
    ['anything', z.any(), 'a any'],
    ['nothing', z.never(), 'a never'],
  ])('%s is named', (_what, field, what) => {
    expect(ofField(field)).toBe(told(what));
  });

  it('is found in any field, and in what other fields are to be', () => {
    expect(untoldRule(z.object({ a: z.string(), b: z.date() }))).toBe(told('a date', 'attributes.b'));
    expect(untoldRule(z.object({ a: z.string() }).catchall(z.date()))).toBe(
      told('a date', 'attributes of other names'),
    );
    expect(untoldRule(z.object({ a: z.string() }).refine(() => true))).toBe(told('a refinement', 'attributes'));
  });
});

it.each([
  undefined,
  null,
  7,
  'x',
  {},
  { _zod: null },
  { _zod: 7 },
  { _zod: {} },
  { _zod: { def: null } },
  { _zod: { def: 7 } },
  { _zod: { def: {} } },
])('%j is no schema of zod 4, nor is a field of it', (schema) => {
  expect(untoldRule(schema)).toBe('attributes is no schema of zod 4; accepted: z.object({ … })');
  const holder = { _zod: { def: { type: 'object', shape: { a: schema } } } };
  expect(untoldRule(holder)).toBe('attributes.a is no schema of zod 4');
});

it.each<[string, z.ZodType]>([
  ['a text', z.string()],
  ['an object that may be left out', z.object({}).optional()],
  ['one of two objects', z.union([z.object({}), z.object({})])],
])('%s is no object of fields', (_what, schema) => {
  expect(untoldRule(schema)).toBe('attributes is no object; accepted: z.object({ … })');
});
