import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { keyClientOver, type KeyClient } from '../../../src/client/key-client.ts';
import { fieldsWith, inputNames } from '../../../src/core/keys/key-fields.ts';
import { DEFAULT_MANAGEMENT_SETTINGS } from '../../../src/gateway/settings.ts';
import { inputSchemaOf, type inputs } from '../../../src/management/input.ts';
import type {
  CreateInput,
  DisableOptions,
  ImportInput,
  ListInput,
  RevokeOptions,
  RotateInput,
  UpdateInput,
  VerifyInput,
} from '../../../src/management/input-types.ts';
import { definitionOf, OPERATION_NAMES, OPERATIONS, type OperationName } from '../../../src/management/operations.ts';

interface Prefix {
  readonly prefix: string;
}
type DeepReadonly<Value> = { readonly [Part in keyof Value]: DeepReadonly<Value[Part]> };
type Fields<Name extends OperationName> = (typeof OPERATIONS)[Name]['fields'][number];

describe('the functions', () => {
  const entries = globSync('functions/*.ts')
    .map((file) => ({ entry: basename(file, '.ts'), source: readFileSync(file, 'utf8') }))
    .filter(({ source }) => source.includes('managementHandler'));

  it('has an entry file for each operation, and none for an operation that is not in the table', () => {
    expect(entries.map(({ entry }) => entry).toSorted()).toEqual(
      OPERATION_NAMES.map((operation) => OPERATIONS[operation].entry).toSorted(),
    );
  });

  it.each(OPERATION_NAMES)('names the operation %s in its entry file, which flushes if the table says so', (name) => {
    const source = entries.find(({ entry }) => entry === OPERATIONS[name].entry)?.source ?? '';
    expect(source).toContain(`name: '${name}'`);
    expect(source.includes('flushing(')).toBe(definitionOf(name).flushesCaches ?? false);
  });
});

describe('the input of an operation', () => {
  it.each(OPERATION_NAMES)(
    'the input of an operation has the same fields in the table and in the schema of %s',
    (name) => {
      expect(OPERATIONS[name].fields).toEqual(Object.keys(inputSchemaOf(name, 0, DEFAULT_MANAGEMENT_SETTINGS).shape));
    },
  );

  it.each(OPERATION_NAMES)('accepts every parameter of the path of %s as a field', (name) => {
    const { fields, route } = definitionOf(name);
    const parameters = [...(route?.path ?? '').matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => parameter);
    expect(fields).toEqual(expect.arrayContaining(parameters));
  });

  // The compiler checks both of these. The types cannot be inferred from the schemas, because the published declarations
  // would then require zod.
  it('the input of an operation has the same fields in the table and in the types of the key client', () => {
    expectTypeOf<keyof CreateInput>().toEqualTypeOf<Fields<'create'>>();
    expectTypeOf<keyof ListInput>().toEqualTypeOf<Fields<'list'>>();
    expectTypeOf<keyof UpdateInput | 'prefix'>().toEqualTypeOf<Fields<'update'>>();
    expectTypeOf<keyof RotateInput | 'prefix'>().toEqualTypeOf<Fields<'rotate'>>();
    expectTypeOf<keyof RevokeOptions | 'prefix'>().toEqualTypeOf<Fields<'revoke'>>();
    expectTypeOf<keyof DisableOptions | 'prefix'>().toEqualTypeOf<Fields<'disable'>>();
    expectTypeOf<keyof VerifyInput | 'key'>().toEqualTypeOf<Fields<'verify'>>();
    expectTypeOf<keyof ImportInput | 'records'>().toEqualTypeOf<Fields<'import'>>();
    expectTypeOf<keyof NonNullable<Parameters<KeyClient['exportKeys']>[0]>>().toEqualTypeOf<Fields<'export'>>();
    expectTypeOf<keyof NonNullable<Parameters<KeyClient['usage']>[1]> | 'prefix'>().toEqualTypeOf<Fields<'usage'>>();
    expectTypeOf<keyof NonNullable<Parameters<KeyClient['suspend']>[1]> | 'ownerId'>().toEqualTypeOf<
      Fields<'suspend'>
    >();
    expectTypeOf<keyof NonNullable<Parameters<KeyClient['resume']>[1]> | 'ownerId'>().toEqualTypeOf<Fields<'resume'>>();
  });

  it('accepts the values that the types of the key client allow', () => {
    type Input<Name extends keyof typeof inputs> = DeepReadonly<z.input<ReturnType<(typeof inputs)[Name]>>>;
    expectTypeOf<CreateInput>().toExtend<Input<'create'>>();
    // JSON leaves out a field of metadata that is `undefined`.
    expectTypeOf<Omit<UpdateInput & Prefix, 'metadata'>>().toExtend<Omit<Input<'update'>, 'metadata'>>();
    expectTypeOf<RotateInput & Prefix>().toExtend<Input<'rotate'>>();
    expectTypeOf<RevokeOptions & Prefix>().toExtend<Input<'revoke'>>();
    expectTypeOf<DisableOptions & Prefix>().toExtend<Input<'disable'>>();
    expectTypeOf<VerifyInput & { readonly key: string }>().toExtend<Input<'verify'>>();
    expectTypeOf<ImportInput>().toExtend<Omit<Input<'import'>, 'records'>>();
    expectTypeOf<Omit<ListInput, 'limit'>>().toExtend<Input<'list'>>();
  });
});

it('has a method of the key client for every operation', async () => {
  const called: OperationName[] = [];
  const client = keyClientOver((operation) => {
    called.push(operation);
    return Promise.resolve({ records: [], cursor: null } as never);
  });
  const methods = Object.entries(client).filter(([name]) => name !== 'listAll' && name !== 'revokeAll');
  // The required arguments of each method. Their values do not matter.
  const given: Readonly<Record<string, readonly unknown[]>> = {
    create: [{ name: 'a key' }],
    update: ['4fQ9aZ0bT1xW', {}],
  };
  for (const [name, method] of methods)
    await (method as (...args: readonly unknown[]) => Promise<unknown>)(...(given[name] ?? []));
  expect(called.toSorted()).toEqual(OPERATION_NAMES.toSorted());
});

describe('docs/api.md', () => {
  const text = readFileSync('docs/api.md', 'utf8');
  const rows = text
    .slice(text.indexOf('| Function'), text.indexOf('Over HTTP, `prefix`'))
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()));

  it('lists every operation in docs/api.md, and no other', () => {
    expect(rows.map(([, name]) => name).toSorted()).toEqual(OPERATION_NAMES.toSorted());
  });

  it('describes every field that an operation accepts in docs/api.md', () => {
    const fields = text.slice(text.indexOf('## Fields'), text.indexOf('Every call rejects'));
    for (const name of inputNames({})) expect(fields).toContain(`| \`${name}\` `);
  });

  it('lists the fields of a record in docs/api.md in the order of the table', () => {
    const listed = text.slice(
      text.indexOf('These operations return the record.'),
      text.indexOf('Times are in ISO 8601'),
    );
    const named = [...listed.matchAll(/`([a-z]\w*)`/gi)].map(([, field]) => field);
    expect(named.filter((field) => field !== 'status')).toEqual(fieldsWith({ shown: true }));
    expect(named).toContain('status');
  });

  it.each(OPERATION_NAMES)('documents the route and the input fields of %s', (operation) => {
    const { fields, route } = definitionOf(operation);
    const [, , http = '', input = ''] = rows.find(([, name]) => name === operation) ?? [];
    expect(http).toBe(route === undefined ? '' : `\`${route.method} ${route.path}\``);
    // Default values, such as `0s` and `null`, are not field names.
    const named = [...input.matchAll(/`([a-z]\w*)\??`/g)].map(([, field = '']) => field);
    expect(named.filter((field) => field !== 'null').toSorted()).toEqual(fields.toSorted());
  });
});

it.each(OPERATION_NAMES)('describes %s in one sentence', (operation) => {
  // Lambda accepts 256 characters: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
  expect(OPERATIONS[operation].description).toMatch(/^[A-Z][^.]{0,255}$/);
});
