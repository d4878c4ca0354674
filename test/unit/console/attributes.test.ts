import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attributeFields, shown, splitMetadata } from '../../../console/attributes/fields.ts';
import type { AttributesJsonSchema } from '../../../src/core/attributes/attributes.ts';

/** The JSON Schema of a zod schema. */
const schemaOf = (shape: z.ZodObject) => JSON.parse(JSON.stringify(z.toJSONSchema(shape))) as AttributesJsonSchema;

const fields = attributeFields(
  schemaOf(
    z.object({
      tier: z.enum(['trial', 'premium']).meta({ title: 'Service tier' }),
      costCentre: z.string().max(20).optional().describe('Who pays'),
      seats: z.int().min(1).max(500),
      discount: z.number().optional(),
      internal: z.boolean().default(false),
      reviewed_on: z.iso.date().optional(),
      level: z.union([z.literal(1), z.literal(2)]),
      note: z.string().nullable(),
      tags: z.array(z.string()).optional(),
    }),
  ),
);
const field = (name: string) => fields.find((one) => one.name === name);

describe('the fields of a JSON Schema from zod', () => {
  it('returns the fields of a schema in its order, with its titles or the property names as words', () => {
    expect(fields.map(({ label }) => label)).toEqual([
      'Service tier',
      'Cost centre',
      'Seats',
      'Discount',
      'Internal',
      'Reviewed on',
      'Level',
      'Note',
      'Tags',
    ]);
    expect(field('costCentre')?.description).toBe('Who pays');
  });

  it('gives each field the control that its type needs', () => {
    expect(field('tier')?.kind).toEqual({ type: 'choice', options: ['trial', 'premium'] });
    expect(field('costCentre')?.kind).toEqual({ type: 'text', maxLength: 20 });
    expect(field('seats')?.kind).toEqual({ type: 'number', whole: true, minimum: 1, maximum: 500 });
    expect(field('discount')?.kind).toEqual({ type: 'number', whole: false, minimum: undefined, maximum: undefined });
    expect(field('internal')?.kind).toEqual({ type: 'yes-no' });
    expect(field('reviewed_on')?.kind).toEqual({ type: 'date' });
    expect(field('note')?.kind.type).toBe('text');
    expect(field('tags')?.kind).toEqual({ type: 'other' });
  });

  it('requires a field unless it is optional or has a default', () => {
    const required = fields.filter((one) => one.required).map(({ name }) => name);
    expect(required).toEqual(['tier', 'seats', 'level', 'note']);
    expect(field('internal')?.initial).toBe(false);
  });

  it('returns no fields without a schema', () => {
    expect(attributeFields(undefined)).toEqual([]);
    expect(attributeFields({ type: 'object', properties: {} })).toEqual([]);
  });
});

it('splits metadata into attributes of the schema and other entries', () => {
  expect(splitMetadata({ tier: 'trial', seats: 5, note2: 'x' }, fields)).toEqual({
    attributes: { tier: 'trial', seats: 5 },
    rest: { note2: 'x' },
  });
});

it('formats metadata values for users', () => {
  expect([true, false, 1_234_567, 'x', undefined, ['a']].map(shown)).toEqual([
    'Yes',
    'No',
    '1,234,567',
    'x',
    '–',
    '["a"]',
  ]);
});
