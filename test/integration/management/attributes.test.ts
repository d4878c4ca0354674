import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attributesOf } from '../../../cdk/attributes.ts';
import type { AttributesSchema } from '../../../src/core/attributes/attributes.ts';
import type { Metadata } from '../../../src/core/keys/record.ts';
import { attributesSchema } from '../../../src/management/attributes.ts';
import { InvalidInputError, type InputFault } from '../../../src/management/errors.ts';
import { create } from '../../../src/management/operations/create.ts';
import { exportKeys } from '../../../src/management/operations/export.ts';
import { importKeys } from '../../../src/management/operations/import.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { update } from '../../../src/management/operations/update.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';

const schema = z.object({
  tenant: z.string().min(1).max(20),
  plan: z.enum(['free', 'pro']).default('free'),
  seats: z.int().min(1).optional(),
});

/** Converts a schema as it is passed from the construct to a function. */
const carried = (from: AttributesSchema) =>
  JSON.parse(JSON.stringify(attributesOf(from, {}))) as ReturnType<typeof attributesOf>;

let context: OperationContext;
beforeAll(async () => {
  context = {
    settings: {
      label: LABEL,
      importedFormats: [],
      retentionSeconds: 1000,
      plans: {},
      restrictions: [],
      ownerSuspension: false,
      attributes: carried(schema),
    },
    keys: new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 }),
    now: Date.now,
    randomBytes,
  };
});

async function faults(work: Promise<unknown>): Promise<readonly InputFault[]> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof InvalidInputError ? error.faults : [];
}

describe('the attributes of a key', () => {
  it('the attributes of a key are stored with the defaults of the schema', async () => {
    const { record } = await create(context, { name: 'a key', metadata: { tenant: 'acme' } });
    expect(record.metadata).toEqual({ tenant: 'acme', plan: 'free' });
    expect((await rotate(context, { prefix: record.prefix })).record.metadata).toEqual(record.metadata);
  });

  it.each([
    [undefined, 'metadata.tenant'],
    [{}, 'metadata.tenant'],
    [{ tenant: 7 }, 'metadata.tenant'],
    [{ tenant: '' }, 'metadata.tenant'],
    [{ tenant: 'acme', plan: 'gold' }, 'metadata.plan'],
    [{ tenant: 'acme', seats: 1.5 }, 'metadata.seats'],
    [{ tenant: 'acme', colour: 'red' }, 'metadata.colour'],
    [{ tenant: 'acme', nested: {} }, 'metadata.nested'],
  ])(
    'the attributes of a key are rejected if they are %j, with the name of the field and the accepted values',
    async (metadata, field) => {
      const found = await faults(create(context, { name: 'a key', ...(metadata && { metadata }) }));
      expect(found.map((fault) => fault.field)).toContain(field);
      expect(found.find((fault) => fault.field === field)?.accepted).toContain('plan: one of free, pro');
    },
  );

  it('the attributes of a key are validated when they are updated, and unchanged by other updates', async () => {
    const { record } = await create(context, { name: 'a key', metadata: { tenant: 'acme', seats: 3 } });
    const { prefix } = record;
    for (const change of [
      { metadata: { plan: 'pro' }, replaceMetadata: true },
      { metadata: { tenant: null } },
      { metadata: null },
    ])
      expect(await faults(update(context, { prefix, ...change }))).toMatchObject([{ field: 'metadata.tenant' }]);
    expect((await update(context, { prefix, name: 'renamed' })).metadata).toEqual(record.metadata);
    const changed = await update(context, { prefix, metadata: { tenant: 'bolt', plan: 'pro' } });
    expect(changed.metadata).toEqual({ tenant: 'bolt', plan: 'pro', seats: 3 });
  });

  it('the attributes of a key are reported for an imported key that does not fit them, and the key is imported unchanged', async () => {
    const { prefix } = await oldKey({ plan: 'gold', colour: 'red' });
    const { records } = await exportKeys(context, {});
    const target = { ...context, keys: new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 }) };
    const { outcomes } = await importKeys(target, { records: records.filter((one) => one.prefix === prefix) });
    expect(outcomes).toMatchObject([
      { outcome: 'imported', warning: expect.stringContaining('metadata.tenant') as string },
    ]);
    expect((await target.keys.get(prefix))?.metadata).toEqual({ plan: 'gold', colour: 'red' });
  });

  it('the attributes of a key are required for the successor of a key that does not fit them', async () => {
    const old = await oldKey({ plan: 'pro', colour: 'red' });
    const found = await faults(rotate(context, { prefix: old.prefix }));
    expect(found.map(({ field }) => field).toSorted()).toEqual(['metadata.colour', 'metadata.tenant']);
    expect(found.map(({ message }) => message).join()).toContain('give metadata for the new key');
    expect((await context.keys.get(old.prefix))?.replacedBy).toBeUndefined();

    expect(await faults(rotate(context, { prefix: old.prefix, metadata: { plan: 'gold' } }))).not.toEqual([]);
    const { record } = await rotate(context, { prefix: old.prefix, metadata: { tenant: 'acme' } });
    expect(record.metadata).toEqual({ tenant: 'acme', plan: 'free' });
    expect((await context.keys.get(old.prefix))?.metadata).toEqual(old.metadata);
  });

  /** A key that was created before the deployment had a schema. */
  async function oldKey(metadata: Metadata) {
    const before = { ...context, settings: { ...context.settings, attributes: undefined } };
    return (await create(before, { name: 'an old key', metadata })).record;
  }
});

describe('the attributes schema in the functions', () => {
  const text = fc.constantFrom(
    '',
    'a',
    'ab',
    'Abc',
    'b',
    'a@b.co',
    '2027-01-31',
    '2027-01-31T10:00:00Z',
    '2027-01-31T10:00',
  );
  const field: fc.Arbitrary<z.ZodType> = fc.oneof(
    fc.constantFrom<z.ZodType>(
      ...[z.string(), z.string().min(1), z.string().max(2), z.string().length(2), z.string().regex(/^a/), z.email()],
      ...[z.string().startsWith('a').endsWith('b'), z.string().includes('b'), z.string().uppercase(), z.iso.date()],
      ...[z.iso.datetime(), z.iso.datetime({ local: true }), z.iso.datetime({ offset: true }), z.url(), z.uuid()],
      ...[z.number(), z.int(), z.number().gt(1), z.number().max(2), z.number().multipleOf(0.5), z.int32(), z.boolean()],
      ...[
        z.enum(['a', 'ab']),
        z.literal('b'),
        z.literal([1, 2]),
        z.literal(true),
        z.union([z.literal('a'), z.email()]),
      ],
    ),
  );
  const optional = fc.tuple(field, fc.boolean()).map(([one, may]) => (may ? one.optional() : one));
  const object = fc.tuple(fc.record({ one: optional, other: optional }), fc.constantFrom('strip', 'strict', 'loose'));
  const value = fc.oneof(
    text,
    fc.constantFrom(0, 1, 1.5, 2, 3, -1, 2 ** 40, 'not a url', 'a:b', 'https://a.b'),
    fc.boolean(),
  );
  const fields = fc.dictionary(fc.constantFrom('one', 'other', 'third'), value);

  it('accepts the same values as the original schema, with the same output, and rejects all others', () => {
    fc.assert(
      fc.property(object, fields, ([shape, extra], metadata) => {
        const original =
          extra === 'loose' ? z.looseObject(shape) : extra === 'strict' ? z.strictObject(shape) : z.object(shape);
        // Unknown fields are rejected, while zod removes them.
        const expected = (extra === 'strip' ? z.strictObject(shape) : original).safeParse(metadata);
        const found = attributesSchema(carried(original)).safeParse(metadata);
        expect(found.success).toBe(expected.success);
        if (found.success) expect(found.data).toEqual(expected.data);
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, z.ZodType, string]>([
    ['a refinement', z.object({ a: z.string().refine((text) => text !== 'b') }), 'attributes.a has a refinement'],
    ['a refinement of the whole', z.object({ a: z.string() }).refine(() => true), 'attributes has a refinement'],
    ['a refinement below others', z.object({ a: z.string().min(1).refine(Boolean).optional() }), 'a refinement'],
    ['a superRefine', z.object({ a: z.string().superRefine(() => undefined) }), 'a refinement'],
    ['a trim', z.object({ a: z.string().trim() }), 'a rule that changes the value'],
    ['a transform', z.object({ a: z.string().transform(Number) }), 'attributes.a is of the type "pipe"'],
    ['a coercion', z.object({ a: z.coerce.number() }), 'attributes.a has a coercion'],
    ['flags of a pattern', z.object({ a: z.string().regex(/a/i) }), 'the flags of /a/i'],
    ['the host of a URL', z.object({ a: z.url({ hostname: /^a$/ }) }), 'the rule "url"'],
    ['a token', z.object({ a: z.jwt() }), 'the rule "jwt"'],
    ['a date', z.object({ a: z.date() }), 'attributes.a is of the type "date"'],
    ['a nullable type', z.object({ a: z.string().nullable() }), 'attributes.a is of the type "nullable"'],
    ['an array', z.object({ a: z.array(z.string()) }), 'attributes.a is of the type "array"'],
    ['a nested object', z.object({ a: z.object({}) }), 'attributes.a is of the type "object"'],
    ['a custom type', z.object({ a: z.custom<string>(() => true) }), 'attributes.a has a refinement'],
    [
      'a union of types',
      z.object({ a: z.union([z.string(), z.number()]) }),
      '"a" in attributes does not have one type',
    ],
    ['an invalid field name', z.object({ 'a-b': z.string() }), '"a-b" in attributes is not a valid name'],
    ['a type other than object', z.string(), 'attributes is not an object schema'],
    ['a fallback', z.object({ a: z.string().catch('b') }), 'attributes.a is of the type "catch"'],
    ['a preprocess', z.object({ a: z.preprocess(String, z.string()) }), 'attributes.a is of the type "pipe"'],
    ['a lazy type', z.object({ a: z.lazy(() => z.string()) }), 'attributes.a is of the type "lazy"'],
  ])('fails for a schema with %s', (_what, refused, message) => {
    expect(() => attributesOf(refused as AttributesSchema, {})).toThrow(message);
  });

  it('the attributes schema in the functions is rejected if it is too large for the environment of a function, together with the plans', () => {
    const long = z.object({ a: z.string().describe('d'.repeat(2000)) });
    expect(attributesOf(long, {})).toMatchObject({ type: 'object' });
    const plans = { free: { rate: `${'1'.repeat(1200)}/s` } };
    expect(() => attributesOf(long, plans)).toThrow(/attributes and plans have \d+ bytes as JSON\. Use at most 3072/);
  });
});
