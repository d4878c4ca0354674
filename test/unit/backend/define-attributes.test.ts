import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { contextOf } from '../../../src/gateway/context.ts';
import { defineAttributes } from '../../../src/backend/define-attributes.ts';
import { readCaller } from '../../../src/backend/read-caller.ts';
import { aRecord } from '../../support/storage/records.ts';

const schema = z.object({
  tenant: z.string(),
  seats: z.int().optional(),
  share: z.number().optional(),
  beta: z.boolean().optional(),
  tier: z.union([z.literal(1), z.literal(2)]).optional(),
});
const define = () => defineAttributes(schema);
const FIELDS = Object.keys(schema.shape);

/** What an API receives: strings from REST and WebSocket APIs, values nested in `lambda` from HTTP APIs. */
function events(metadata: Record<string, string | number | boolean>) {
  const context = contextOf(aRecord({ metadata }), FIELDS);
  const texts = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
  return [{ requestContext: { authorizer: texts } }, { requestContext: { authorizer: { lambda: context } } }];
}

describe('parseStrings', () => {
  it.each<Record<string, string | number | boolean>>([
    { tenant: 'acme', seats: 5, share: 0.1, beta: false, tier: 2 },
    { tenant: '5', share: 1e21, beta: true },
    { tenant: 'true' },
    { tenant: '' },
  ])('returns %j with the types of the schema behind every kind of API', (metadata) => {
    for (const event of events(metadata))
      expect(define().parseStrings(readCaller(event)?.key?.metadata ?? {})).toEqual(metadata);
  });

  it('returns the type of the schema', () => {
    const attributes = define().parseStrings({ tenant: 'acme' });
    expect(attributes).toEqual({ tenant: 'acme' });
    interface Expected {
      tenant: string;
      seats?: number;
      share?: number;
      beta?: boolean;
      tier?: 1 | 2;
    }
    expectTypeOf<typeof attributes>().toEqualTypeOf<{
      [Name in keyof Expected]: Expected[Name] | (undefined extends Expected[Name] ? undefined : never);
    }>();
  });

  it('throws for metadata that does not match the schema, naming each field', () => {
    expect(() => define().parseStrings({ seats: 'many' })).toThrow(
      /attributes of the key don't match the schema: tenant: .*seats: /,
    );
  });
});

describe('parse', () => {
  it('returns the metadata with the defaults of the schema', () => {
    const withDefault = defineAttributes(z.object({ plan: z.enum(['free', 'pro']).default('free') }));
    expect(withDefault.parse({})).toEqual({ plan: 'free' });
    expect(withDefault.parse({ plan: 'pro' })).toEqual({ plan: 'pro' });
  });

  it('names each fault by its path, in both forms that Standard Schema allows', () => {
    const failing = (issues: readonly { message: string; path?: readonly unknown[] }[]) =>
      defineAttributes({ ...withZod(), '~standard': { ...schema['~standard'], validate: () => ({ issues }) } });
    expect(() => failing([{ message: 'no', path: ['a', { key: 'b' }, 0] }, { message: 'never' }]).parse({})).toThrow(
      new TypeError("The attributes of the key don't match the schema: a.b.0: no; : never"),
    );
    expect(() => failing([{ message: 'no', path: [null, {}] }]).parse({})).toThrow('null.[object Object]: no');
  });

  it('throws for an asynchronous schema', () => {
    const validate = () => Promise.resolve({ value: {} });
    const slow = defineAttributes({ ...withZod(), '~standard': { ...schema['~standard'], validate } });
    expect(() => slow.parse({})).toThrow(/^The schema of the attributes is asynchronous\./);
  });
});

/** The internals of a zod schema, from which its rules are read. */
function withZod() {
  return { _zod: schema._zod };
}

it('rejects what is not the schema of an object', () => {
  expect(() => defineAttributes(z.string())).toThrow('attributes is not an object schema');
  const { _zod, '~standard': standard } = z.object({});
  const { validate } = standard;
  expect(() => defineAttributes({ '~standard': standard })).toThrow('not a zod 4 schema');
  expect(() => defineAttributes(Object.assign({ '~standard': { validate } }, { _zod }))).toThrow('zod 4.2');
});
