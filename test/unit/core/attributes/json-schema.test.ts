import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaOf, type AttributesJsonSchema } from '../../../../src/core/attributes/attributes.ts';
import { checkedJsonSchema } from '../../../../src/core/attributes/json-schema.ts';
import { attributesSchema } from '../../../../src/management/attributes.ts';

const withField = (field: object) => ({ type: 'object', properties: { field } }) as AttributesJsonSchema;

describe('attributes as a JSON Schema', () => {
  it('are the same as the zod schema that means the same', () => {
    const schema = z.object({
      tenant: z.string().max(20),
      plan: z.enum(['free', 'pro']).default('free'),
      seats: z.number().optional(),
    });
    const json = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        tenant: { type: 'string', maxLength: 20 },
        plan: { default: 'free', type: 'string', enum: ['free', 'pro'] },
        seats: { type: 'number' },
      },
      required: ['tenant'],
    } as const;
    expect(checkedJsonSchema(json)).toEqual(jsonSchemaOf(schema));
  });

  it('keep the choice to accept other fields', () => {
    expect(
      checkedJsonSchema({ ...withField({ type: 'string' }), additionalProperties: true }).additionalProperties,
    ).toBe(true);
  });

  it.each<[string, object, unknown, unknown]>([
    ['a length', { type: 'string', maxLength: 2 }, 'ab', 'abc'],
    ['a pattern', { type: 'string', pattern: '^a' }, 'ab', 'ba'],
    ['a bound', { type: 'integer', exclusiveMinimum: 1 }, 2, 1],
    ['a multiple', { type: 'number', multipleOf: 5 }, 10, 11],
    ['a list of values', { enum: ['x', 'y'] }, 'x', 'z'],
    ['a constant', { const: true }, true, false],
    ['a choice', { anyOf: [{ type: 'string', minLength: 3 }, { const: '' }] }, '', 'ab'],
    ['email', { type: 'string', format: 'email' }, 'a@example.com', 'a'],
    ['uri', { type: 'string', format: 'uri' }, 'https://example.com', 'no'],
    ['uuid', { type: 'string', format: 'uuid' }, '123e4567-e89b-42d3-a456-426614174000', 'no'],
    ['date-time', { type: 'string', format: 'date-time' }, '2026-11-29T01:00:00Z', 'no'],
    ['date', { type: 'string', format: 'date' }, '2026-11-29', 'no'],
    ['time', { type: 'string', format: 'time' }, '01:00:00Z', 'no'],
    ['duration', { type: 'string', format: 'duration' }, 'P1D', 'no'],
    ['hostname', { type: 'string', format: 'hostname' }, 'example.com', 'no host'],
    ['ipv4', { type: 'string', format: 'ipv4' }, '192.0.2.1', '192.0.2'],
    ['ipv6', { type: 'string', format: 'ipv6' }, '2001:db8::1', '192.0.2.1'],
  ])('are enforced by the management functions: %s', (_what, field, valid, invalid) => {
    const schema = attributesSchema(checkedJsonSchema(withField(field)));
    expect(schema.safeParse({ field: valid }).success).toBe(true);
    expect(schema.safeParse({ field: invalid }).success).toBe(false);
    expect(schema.safeParse({ other: valid }).success).toBe(false);
  });

  it.each<[string, object, string]>([
    ['that is not of an object', { type: 'string' }, 'attributes is not an object schema'],
    ['without properties', { type: 'object' }, 'attributes is not an object schema'],
    ['with properties that are null', { type: 'object', properties: null }, 'attributes is not an object schema'],
    ['of a nested object', withField({ type: 'object' }), '"field" in attributes does not have one type'],
    [
      'with a keyword that is ignored',
      withField({ type: 'string', contentEncoding: 'base64' }),
      'the keyword "contentEncoding"',
    ],
    [
      'with such a keyword in a choice',
      withField({ anyOf: [{ type: 'string', not: { const: 'a' } }] }),
      'the keyword "not"',
    ],
    [
      'with such a keyword for all fields',
      { ...withField({ type: 'string' }), minProperties: 1 },
      'the keyword "minProperties"',
    ],
    ['with a format that is ignored', withField({ type: 'string', format: 'regex' }), 'the format "regex"'],
    [
      'with a format and a pattern',
      withField({ type: 'string', format: 'email', pattern: 'x' }),
      'both a format and a pattern',
    ],
    [
      'that requires an unknown field',
      { ...withField({ type: 'string' }), required: ['other'] },
      'requires the field "other"',
    ],
    [
      'whose other fields have an ignored keyword',
      { ...withField({ type: 'string' }), additionalProperties: { type: 'string', not: {} } },
      'additionalProperties in attributes has the keyword "not"',
    ],
  ])('are rejected: a schema %s', (_what, json, message) => {
    expect(() => checkedJsonSchema(json as AttributesJsonSchema)).toThrow(message);
  });
});
