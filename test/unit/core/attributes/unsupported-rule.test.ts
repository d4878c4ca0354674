import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { unsupportedRule } from '../../../../src/core/attributes/unsupported-rule.ts';

const ofField = (a: z.ZodType) => unsupportedRule(z.object({ a }));
const ACCEPTED = 'accepted: strings, numbers, booleans, enums and literals, with lengths, bounds and patterns';
const unsupported = (what: string, at = 'attributes.a') =>
  `${at} has ${what}, which JSON Schema cannot express, so the management functions would ignore it; ${ACCEPTED}`;
const unsupportedType = (type: string, at = 'attributes.a') =>
  `${at} is of the type "${type}", which attributes cannot have; ${ACCEPTED}`;

describe('a schema that JSON Schema can express', () => {
  it.each<[string, z.ZodType]>([
    ['a string', z.string()],
    ['a minimum and a maximum length', z.string().min(1).max(9)],
    ['a fixed length', z.string().length(2)],
    ['a pattern', z.string().regex(/^a/)],
    ['required parts', z.string().startsWith('a').endsWith('b').includes('c')],
    ['lower case only', z.string().lowercase()],
    ['upper case only', z.string().uppercase()],
    ['an email', z.email()],
    ['a UUID', z.uuid()],
    ['a GUID', z.guid()],
    ['a URL', z.url()],
    ['a date', z.iso.date()],
    ['a time', z.iso.time()],
    ['a date and time', z.iso.datetime()],
    ['a duration', z.iso.duration()],
    ['a CUID2', z.cuid2()],
    ['a ULID', z.ulid()],
    ['a Nano ID', z.nanoid()],
    ['an XID', z.xid()],
    ['a KSUID', z.ksuid()],
    ['a number', z.number()],
    ['an integer', z.int()],
    ['bounds', z.number().gt(1).lt(5).gte(2).lte(4)],
    ['a step', z.number().multipleOf(2)],
    ['a boolean', z.boolean()],
    ['an enum', z.enum(['a', 'b'])],
    ['a literal', z.literal('a')],
    ['an optional value', z.string().optional()],
    ['a default', z.string().default('a')],
    ['a read-only value', z.string().readonly()],
    ['a value that is not optional', z.string().optional().nonoptional()],
    ['alternatives', z.union([z.literal('a'), z.email()])],
  ])('accepts a field with %s', (_what, field) => {
    expect(ofField(field)).toBeUndefined();
  });

  it.each<[string, z.ZodType]>([
    ['no other fields', z.strictObject({ a: z.string() })],
    ['any other fields', z.looseObject({ a: z.string() })],
    ['other fields of one type', z.object({ a: z.string() }).catchall(z.number())],
    ['other fields of any type', z.object({ a: z.string() }).catchall(z.any())],
    ['other fields of an unknown type', z.object({ a: z.string() }).catchall(z.unknown())],
    ['a field named as the placeholder for other fields', z.object({ '(others)': z.string() })],
    ['no fields', z.object({})],
  ])('accepts a schema with %s', (_what, schema) => {
    expect(unsupportedRule(schema)).toBeUndefined();
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
    ['not a number', z.number().default(NaN)],
    ['an infinite number', z.number().default(Infinity)],
    ['a promise', z.string().default((() => Promise.resolve('a')) as unknown as () => string)],
  ])('rejects a default that is %s', (_what, field) => {
    expect(ofField(field)).toMatch(/^attributes\.a has a default that is not a constant.*accepted: a constant default/);
  });

  it('rejects a default that has another value when it is evaluated again', () => {
    let day = 1;
    const nextDay = <Result>(call: () => Result): Result => {
      day++;
      return call();
    };
    const dependent = z.object({ a: z.number().default(() => day) });
    expect(unsupportedRule(dependent)).toBeUndefined();
    expect(unsupportedRule(dependent, nextDay)).toContain('attributes.a has a default that is not a constant');
  });

  it.each<[string, z.ZodType]>([
    ['an empty string', z.string().default('')],
    ['zero', z.number().default(0)],
    ['false', z.boolean().default(false)],
    ['a function that returns a constant', z.string().default(() => 'free')],
  ])('accepts a default that is %s', (_what, field) => {
    expect(ofField(field)).toBeUndefined();
  });
});

describe('a rule that JSON Schema cannot express', () => {
  it.each<[string, z.ZodType, string]>([
    ['a refinement', z.string().refine(Boolean), 'a refinement'],
    ['a refinement after another rule', z.string().min(1).refine(Boolean), 'a refinement'],
    ['a refinement of an optional value', z.string().refine(Boolean).optional(), 'a refinement'],
    ['a refinement of an alternative', z.union([z.literal('a'), z.string().refine(Boolean)]), 'a refinement'],
    ['a change of the value', z.string().trim(), 'a rule that changes the value, such as trim()'],
    ['a coercion', z.coerce.number(), 'a coercion'],
    ['a pattern with flags', z.string().regex(/a/i), 'the flags of /a/i'],
    ['a format with flags', z.email({ pattern: /a/i }), 'the flags of /a/i'],
    ['an infinite bound', z.number().max(Infinity), 'the rule "less_than"'],
    ['an asynchronous refinement', z.string().refine(() => Promise.resolve(true)), 'a refinement'],
    ['a format without a pattern', z.jwt(), 'the rule "jwt"'],
    ['a URL with a host rule', z.url({ hostname: /^a$/ }), 'the rule "url"'],
    ['a URL with a protocol rule', z.url({ protocol: /^https$/ }), 'the rule "url"'],
    ['a URL that is normalized', z.url({ normalize: true }), 'the rule "url"'],
    ['a required part at a position', z.string().includes('a', { position: 2 }), 'the rule "includes"'],
  ])('rejects %s, and names the rule', (_what, field, what) => {
    expect(ofField(field)).toBe(unsupported(what));
  });

  it.each<[string, z.ZodType, string]>([
    ['a transform', z.string().transform(String), 'pipe'],
    ['a fallback', z.string().catch('a'), 'catch'],
    ['a default before parsing', z.string().prefault(() => randomUUID()), 'prefault'],
    ['date', z.date(), 'date'],
    ['null', z.string().nullable(), 'nullable'],
    ['an array', z.array(z.string()), 'array'],
    ['an object', z.object({}), 'object'],
    ['any value', z.any(), 'any'],
    ['no value', z.never(), 'never'],
  ])('rejects a field of the type %s', (_what, field, type) => {
    expect(ofField(field)).toBe(unsupportedType(type));
  });

  it('finds unsupported rules in every field and in the rule for other fields', () => {
    expect(unsupportedRule(z.object({ a: z.string(), b: z.date() }))).toBe(unsupportedType('date', 'attributes.b'));
    expect(unsupportedRule(z.object({ a: z.string() }).catchall(z.date()))).toBe(
      unsupportedType('date', 'the rule for other fields of attributes'),
    );
    expect(unsupportedRule(z.object({ a: z.string() }).refine(() => true))).toBe(
      unsupported('a refinement', 'attributes'),
    );
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
])('rejects %j, which is not a zod 4 schema, also as a field', (schema) => {
  expect(unsupportedRule(schema)).toBe('attributes is not a zod 4 schema; accepted: z.object({ … })');
  const holder = { _zod: { def: { type: 'object', shape: { a: schema } } } };
  expect(unsupportedRule(holder)).toBe('attributes.a is not a zod 4 schema');
});

it.each<[string, z.ZodType]>([
  ['a string', z.string()],
  ['an optional object', z.object({}).optional()],
  ['one of two objects', z.union([z.object({}), z.object({})])],
])('rejects %s, which is not an object schema', (_what, schema) => {
  expect(unsupportedRule(schema)).toBe('attributes is not an object schema; accepted: z.object({ … })');
});
