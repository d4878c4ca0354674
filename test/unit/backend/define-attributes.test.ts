import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { contextOf } from '../../../src/gateway/context.ts';
import { defineAttributes } from '../../../src/backend/define-attributes.ts';
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

/** What a back end gets: of REST and WebSocket APIs texts, of HTTP APIs values in `lambda`. */
function events(metadata: Record<string, string | number | boolean>) {
  const context = contextOf(aRecord({ metadata }), FIELDS);
  const texts = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
  return [{ requestContext: { authorizer: texts } }, { requestContext: { authorizer: { lambda: context } } }];
}

describe('parseContext', () => {
  it.each<Record<string, string | number | boolean>>([
    { tenant: 'acme', seats: 5, share: 0.1, beta: false, tier: 2 },
    { tenant: '5', share: 1e21, beta: true },
    { tenant: 'true' },
    { tenant: '' },
  ])('gives %j back in its own types, whichever API it came through', (metadata) => {
    for (const event of events(metadata))
      expect(define().parseContext(event)).toMatchObject({ name: 'a key', attributes: metadata });
  });

  it('is typed by the schema', () => {
    const caller = define().parseContext({ requestContext: {} });
    expect(caller).toBeUndefined();
    interface Expected {
      tenant: string;
      seats?: number;
      share?: number;
      beta?: boolean;
      tier?: 1 | 2;
    }
    expectTypeOf<NonNullable<typeof caller>['attributes']>().toEqualTypeOf<{
      [Name in keyof Expected]: Expected[Name] | (undefined extends Expected[Name] ? undefined : never);
    }>();
  });

  it('throws for a key that the schema would not have taken, naming the field', () => {
    for (const event of events({ seats: 'many' }))
      expect(() => define().parseContext(event)).toThrow(/attributes of the key do not fit.*tenant: .*seats: /);
  });
});

describe('parse', () => {
  it('makes of metadata what the schema does, defaults and all', () => {
    const withDefault = defineAttributes(z.object({ plan: z.enum(['free', 'pro']).default('free') }));
    expect(withDefault.parse({})).toEqual({ plan: 'free' });
    expect(withDefault.parse({ plan: 'pro' })).toEqual({ plan: 'pro' });
  });

  it('names each fault by its path, as any Standard Schema may tell it', () => {
    const failing = (issues: readonly { message: string; path?: readonly unknown[] }[]) =>
      defineAttributes({ ...withZod(), '~standard': { ...schema['~standard'], validate: () => ({ issues }) } });
    expect(() => failing([{ message: 'no', path: ['a', { key: 'b' }, 0] }, { message: 'never' }]).parse({})).toThrow(
      new TypeError('the attributes of the key do not fit the schema: a.b.0: no; : never'),
    );
    expect(() => failing([{ message: 'no', path: [null, {}] }]).parse({})).toThrow('null.[object Object]: no');
  });

  it('does not wait for a schema that is asynchronous', () => {
    const validate = () => Promise.resolve({ value: {} });
    const slow = defineAttributes({ ...withZod(), '~standard': { ...schema['~standard'], validate } });
    expect(() => slow.parse({})).toThrow(new TypeError('the schema of the attributes is asynchronous'));
  });
});

/** The part of a zod schema by which its rules are read. */
function withZod() {
  return { _zod: schema._zod };
}

it('takes nothing but the schema of an object', () => {
  expect(() => defineAttributes(z.string())).toThrow('attributes is no object');
  const { _zod, '~standard': standard } = z.object({});
  const { validate } = standard;
  expect(() => defineAttributes({ '~standard': standard })).toThrow('no schema of zod 4');
  expect(() => defineAttributes(Object.assign({ '~standard': { validate } }, { _zod }))).toThrow('zod 4.2');
});
