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
  it('keeps the JSON Schema of the attributes, without $schema, and rejects other fields', () => {
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

  it('accepts other fields if the schema of the attributes does', () => {
    expect(jsonSchemaOf(z.looseObject({})).additionalProperties).toEqual({});
    expect(jsonSchemaOf(z.object({}).catchall(z.string())).additionalProperties).toEqual({ type: 'string' });
  });

  it('does not require a field with a default', () => {
    expect(jsonSchemaOf(z.object({ plan: z.string().default('free') })).required).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['whose JSON Schema has another type', { type: 'string', properties: {} }],
    ['whose JSON Schema has no type', { properties: {} }],
    ['whose JSON Schema has no properties', { type: 'object' }],
    ['whose JSON Schema has invalid properties', { type: 'object', properties: 'x' }],
  ])('rejects a schema %s', (_what, json) => {
    const { _zod, '~standard': standard } = z.object({});
    const odd = { _zod, '~standard': { ...standard, jsonSchema: { input: () => json } } };
    expect(() => jsonSchemaOf(odd as AttributesSchema)).toThrow(
      new TypeError('attributes is not an object schema; accepted: z.object({ … })'),
    );
  });

  it('rejects a schema of an older zod, which has no JSON Schema', () => {
    const { _zod, '~standard': standard } = z.object({});
    const older = { _zod, '~standard': { validate: standard.validate } };
    expect(() => jsonSchemaOf(older as AttributesSchema)).toThrow(
      new TypeError('attributes has no JSON Schema; accepted: an object schema of zod 4.2 or later'),
    );
  });
});

describe('typeOfAttribute', () => {
  it.each<[string, z.ZodType, string]>([
    ['a string', z.string(), 'string'],
    ['an enum', z.enum(['free', 'pro']), 'string'],
    ['a literal', z.literal('x'), 'string'],
    ['an email address', z.email(), 'string'],
    ['a number', z.number(), 'number'],
    ['an integer', z.int(), 'number'],
    ['a literal of several numbers', z.literal([1, 2]), 'number'],
    ['an integer or a number', z.union([z.literal(1), z.number()]), 'number'],
    ['a boolean', z.boolean(), 'boolean'],
    ['true', z.literal(true), 'boolean'],
    ['a literal or a format', z.union([z.literal('any'), z.email()]), 'string'],
  ])('returns the type of %s', (_what, field, type) => {
    expect(typeOfAttribute(fieldOf(field))).toBe(type);
  });

  it.each([z.union([z.string(), z.number()]), z.literal(['x', true])])(
    'returns undefined for a field of several types, so that the schema is rejected',
    (field) => {
      expect(() => fieldOf(field)).toThrow(
        '"field" in attributes does not have one type; accepted: string, number or boolean',
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
  ])('returns undefined for %s', (_what, field) => {
    expect(typeOfAttribute(field)).toBeUndefined();
  });

  it('derives the type from the values if the field has no type', () => {
    expect(typeOfAttribute({ enum: [1, 2] })).toBe('number');
    expect(typeOfAttribute({ const: true })).toBe('boolean');
    expect(typeOfAttribute({ type: 'integer' })).toBe('number');
  });
});

describe('attributeValues', () => {
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
  ])('converts %s %j to %j', (name, text, value) => {
    expect(attributeValues(schema(), { [name]: text })).toEqual({ [name]: value });
  });

  it('converts all fields', () => {
    expect(attributeValues(schema(), { text: 'a', number: '1', yes: 'true' })).toEqual({
      text: 'a',
      number: 1,
      yes: true,
    });
    expect(attributeValues(schema(), {})).toEqual({});
  });
});

describe('fieldAccepts', () => {
  it.each<[z.ZodType, string]>([
    [z.string(), 'string'],
    [z.int(), 'integer'],
    [z.enum(['free', 'pro']), 'one of free, pro'],
    [z.literal('x'), '"x"'],
    [z.literal(7), '7'],
    [z.union([z.literal('any'), z.email()]), '"any" or string'],
    [z.enum(['free', 'pro']).describe('the plan that was sold'), 'the plan that was sold'],
    [z.union([z.literal('x'), z.literal('y')]).describe('either'), 'either'],
  ])('describes the field of case %#', (field, words) => {
    expect(fieldAccepts(fieldOf(field))).toBe(words);
  });
});
