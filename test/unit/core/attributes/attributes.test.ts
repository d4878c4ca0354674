import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  attributeValues,
  fieldAccepts,
  jsonSchemaOf,
  typeOfAttribute,
  type AttributeJsonSchema,
  type AttributesSchema,
} from '../../../../src/core/attributes/attributes.ts';

const fieldOf = (field: z.ZodType): AttributeJsonSchema => {
  const { properties } = jsonSchemaOf(z.object({ field }));
  if (properties['field'] === undefined) throw new Error('no field');
  return properties['field'];
};

describe('the JSON Schema of attributes', () => {
  it('is that of the schema, without the draft that it is written in, and refuses what nobody has named', () => {
    expect(jsonSchemaOf(z.object({ tenant: z.string().max(20), seats: z.int32().optional() }))).toEqual({
      type: 'object',
      properties: {
        tenant: { type: 'string', maxLength: 20 },
        seats: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
      },
      required: ['tenant'],
      additionalProperties: false,
    });
  });

  it('leaves it to the schema whether other fields are taken', () => {
    expect(jsonSchemaOf(z.looseObject({})).additionalProperties).toEqual({});
    expect(jsonSchemaOf(z.object({}).catchall(z.string())).additionalProperties).toEqual({ type: 'string' });
  });

  it('is that of what goes in: a field with a default may be left out', () => {
    expect(jsonSchemaOf(z.object({ plan: z.string().default('free') })).required).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['that lets JSON Schema say another type', { type: 'string', properties: {} }],
    ['without a type', { properties: {} }],
    ['without properties', { type: 'object' }],
    ['whose properties are none', { type: 'object', properties: 'x' }],
  ])('is none for a schema %s', (_what, json) => {
    const { _zod, '~standard': standard } = z.object({});
    const odd = { _zod, '~standard': { ...standard, jsonSchema: { input: () => json } } };
    expect(() => jsonSchemaOf(odd as AttributesSchema)).toThrow(
      new TypeError('attributes is no schema of an object; accepted: z.object({ … })'),
    );
  });

  it('is none for an older zod, which cannot tell it', () => {
    const { _zod, '~standard': standard } = z.object({});
    const older = { _zod, '~standard': { validate: standard.validate } };
    expect(() => jsonSchemaOf(older as AttributesSchema)).toThrow(
      new TypeError('attributes cannot tell its JSON Schema; accepted: an object schema of zod 4.2 or newer'),
    );
  });
});

describe('the type of a field', () => {
  it.each<[string, z.ZodType, string]>([
    ['a text', z.string(), 'string'],
    ['an enum', z.enum(['free', 'pro']), 'string'],
    ['a literal', z.literal('x'), 'string'],
    ['an address', z.email(), 'string'],
    ['a number', z.number(), 'number'],
    ['an integer', z.int(), 'number'],
    ['numbers', z.literal([1, 2]), 'number'],
    ['integers or numbers', z.union([z.literal(1), z.number()]), 'number'],
    ['a boolean', z.boolean(), 'boolean'],
    ['true', z.literal(true), 'boolean'],
    ['texts of two kinds', z.union([z.literal('any'), z.email()]), 'string'],
  ])('%s', (_what, field, type) => {
    expect(typeOfAttribute(fieldOf(field))).toBe(type);
  });

  it.each([z.union([z.string(), z.number()]), z.literal(['x', true])])(
    'is one, or no key can have the field',
    (field) => {
      expect(() => fieldOf(field)).toThrow(
        '"field" in attributes is not of one type; accepted: a text, a number or a boolean',
      );
    },
  );

  it.each<[string, AttributeJsonSchema]>([
    ['no type', {}],
    ['null', { type: 'null' }],
    ['an array', { type: 'array' }],
    ['an object among values', { enum: [{}] }],
    ['several types', { type: ['string', 'number'] }],
    ['no alternatives', { anyOf: [] }],
  ])('that no attribute can have: %s', (_what, field) => {
    expect(typeOfAttribute(field)).toBeUndefined();
  });

  it('is told by its values where it has no type of its own', () => {
    expect(typeOfAttribute({ enum: [1, 2] })).toBe('number');
    expect(typeOfAttribute({ const: true })).toBe('boolean');
    expect(typeOfAttribute({ type: 'integer' })).toBe('number');
  });
});

describe('texts as the values that they mean', () => {
  const shape = { text: z.string(), number: z.number(), yes: z.boolean() };
  const schema = () => jsonSchemaOf(z.object(shape));

  it.each<[string, string, unknown]>([
    ['number', '5', 5],
    ['number', '-0.5', -0.5],
    ['number', '1e21', 1e21],
    ['number', '', ''],
    ['number', ' ', ' '],
    ['number', 'five', 'five'],
    ['number', 'Infinity', 'Infinity'],
    ['number', 'NaN', 'NaN'],
    ['number', 'true', 'true'],
    ['yes', 'true', true],
    ['yes', 'false', false],
    ['yes', 'TRUE', 'TRUE'],
    ['yes', '1', '1'],
    ['yes', '', ''],
    ['text', '5', '5'],
    ['text', 'true', 'true'],
    ['unnamed', '5', '5'],
  ])('%s of %j: %j', (name, text, value) => {
    expect(attributeValues(schema(), { [name]: text })).toEqual({ [name]: value });
  });

  it('are all of them', () => {
    expect(attributeValues(schema(), { text: 'a', number: '1', yes: 'true' })).toEqual({
      text: 'a',
      number: 1,
      yes: true,
    });
    expect(attributeValues(schema(), {})).toEqual({});
  });
});

describe('what a field accepts, in words', () => {
  it.each<[z.ZodType, string]>([
    [z.string(), 'string'],
    [z.int(), 'integer'],
    [z.enum(['free', 'pro']), 'one of free, pro'],
    [z.literal('x'), '"x"'],
    [z.literal(7), '7'],
    [z.union([z.literal('any'), z.email()]), '"any" or string'],
    [z.enum(['free', 'pro']).describe('the plan that was sold'), 'the plan that was sold'],
    [z.union([z.literal('x'), z.literal('y')]).describe('either'), 'either'],
  ])('%#', (field, words) => {
    expect(fieldAccepts(fieldOf(field))).toBe(words);
  });
});
