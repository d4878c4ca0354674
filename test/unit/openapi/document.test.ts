import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openApiDocument, type OpenApiDocument } from '../../../scripts/openapi/document.ts';
import { DETAILS, ERRORS, type RoutedOperation } from '../../../scripts/openapi/operations.ts';
import { COMPONENTS } from '../../../scripts/openapi/results.ts';
import { DEFAULT_MANAGEMENT_SETTINGS } from '../../../src/gateway/settings.ts';
import { checkInput } from '../../../src/management/check-input.ts';
import { refusalOf, REFUSAL_STATUSES } from '../../../src/management/errors.ts';
import { inputSchemaOf } from '../../../src/management/input.ts';
import { ADMIN_ROUTES, OPERATIONS, type AdminRoute } from '../../../src/management/operations.ts';
import { checkOf, type Exchange } from '../../support/openapi/documented.ts';

const document = openApiDocument();
const check = checkOf(document);
const copy = () => structuredClone(document) as Writable<OpenApiDocument>;
type Writable<Value> = { -readonly [Part in keyof Value]: Writable<Value[Part]> };

/** An exchange for each response of an operation, as the program makes it. */
function exchangesOf({ method, path, operation }: AdminRoute): Exchange[] {
  const { input, success, errors } = DETAILS[operation as RoutedOperation];
  const request = { method, path: path.replace('{prefix}', '4fQ9aZ0bT1xW').replace('{ownerId}', 'acme') };
  const body = Object.fromEntries(Object.entries(input).filter(([field]) => !path.includes(`{${field}}`)));
  return [
    ...Object.entries(success).map(([status, { example }]) => ({
      ...request,
      input: method === 'GET' ? undefined : body,
      status: Number(status),
      body: example,
    })),
    ...errors.map((code) => ({ ...request, status: REFUSAL_STATUSES[code], body: refusalOf(ERRORS[code]) })),
  ];
}

const exchanges = ADMIN_ROUTES.flatMap(exchangesOf);

async function lint(of: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'openapi.json');
  await writeFile(file, JSON.stringify(of));
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const run = promisify(execFile)('node_modules/.bin/redocly', ['lint', '--extends=recommended-strict', file], { env });
  return run.then(
    () => 'valid',
    (error: unknown) => (error as { stderr: string; stdout: string }).stderr + (error as { stdout: string }).stdout,
  );
}

describe('the OpenAPI document', () => {
  it('passes the linter, which finds an example that its schema does not allow', async () => {
    expect(await lint(document)).toBe('valid');
    const broken = copy();
    const created = broken.paths['/keys']?.['post']?.requestBody?.content['application/json'];
    if (created === undefined) throw new Error('POST /keys has no body.');
    created.example = { title: 'Checkout' };
    expect(await lint(broken)).toContain('Example value must conform to the schema');
  });

  it('has every route of the admin API, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(ADMIN_ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  it('has every error code', () => {
    const text = JSON.stringify(document.paths) + JSON.stringify(document.components.responses);
    for (const code of [...Object.keys(REFUSAL_STATUSES), 'internal_error']) expect(text).toContain(`"${code}"`);
  });

  it('describes every field of an input and every parameter', () => {
    for (const [name, { properties = {} }] of Object.entries(document.components.schemas))
      if (name.endsWith('Input'))
        for (const [field, { description = '' }] of Object.entries(properties))
          expect(description, `${name}.${field}`).toMatch(/^[`A-Z].*\.$/s);
    for (const methods of Object.values(document.paths))
      for (const { parameters = [] } of Object.values(methods))
        for (const { name, description } of parameters) expect(description, name).toMatch(/^[`A-Z].*\.$/s);
  });

  it('describes every field of a key and of an owner', () => {
    for (const name of ['Key', 'Owner', 'CacheFlush', 'InputFault'])
      for (const [field, { description }] of Object.entries(document.components.schemas[name]?.properties ?? {}))
        expect(description ?? field, `${name}.${field}`).not.toBe('');
    const undescribed = Object.entries(document.components.schemas['Key']?.properties ?? {}).filter(
      ([, { description }]) => description === undefined,
    );
    expect(undescribed).toEqual([]);
  });

  it.each(ADMIN_ROUTES)('gives an input to $method $path that the operation accepts', ({ operation }) => {
    const schema = inputSchemaOf(operation, Date.UTC(2027, 0, 31), DEFAULT_MANAGEMENT_SETTINGS);
    const { input } = DETAILS[operation as RoutedOperation];
    expect(() => checkInput(schema, input)).not.toThrow();
    const fields: readonly string[] = OPERATIONS[operation].fields;
    expect(fields).toEqual(expect.arrayContaining(Object.keys(input)));
  });
});

describe('the check of answers', () => {
  it('finds no fault in the results and errors of the program', () => {
    expect(exchanges.flatMap(check)).toEqual([]);
  });

  it.each(Object.keys(COMPONENTS))('fails if the document lacks a field of %s, or has another type for it', (name) => {
    const propertiesOf = (of: Writable<OpenApiDocument>) => of.components.schemas[name]?.properties ?? {};
    const wrong = copy();
    wrong.components.schemas[name] = { type: 'string' };
    const checkWrong = checkOf(wrong);
    const one = exchanges.find((exchange) => checkWrong(exchange).length > 0);
    if (one === undefined) throw new Error(`No response has ${name}.`);
    for (const field of Object.keys(propertiesOf(copy()))) {
      const without = copy();
      Reflect.deleteProperty(propertiesOf(without), field);
      const otherType = copy();
      propertiesOf(otherType)[field] = { type: 'array', minItems: 1, items: { const: 'other' } };
      for (const broken of [without, otherType]) expect(checkOf(broken)(one), `${name}.${field}`).not.toEqual([]);
    }
  });

  it.each(exchanges.map((exchange) => [exchange.method, exchange.path, exchange.status, exchange] as const))(
    'fails if %s %s lacks the response %d',
    (method, _path, status, exchange) => {
      const without = copy();
      for (const methods of Object.values(without.paths))
        Reflect.deleteProperty(methods[method.toLowerCase()]?.responses ?? {}, String(status));
      expect(checkOf(without)(exchange)).not.toEqual([]);
    },
  );

  it('fails for an unknown route, an undocumented error code, and a query parameter that the document lacks', () => {
    const list = { method: 'GET', path: '/keys', status: 200, body: { records: [], cursor: null } };
    expect(check(list)).toEqual([]);
    expect(check({ ...list, path: '/keys?sort=name' })).not.toEqual([]);
    expect(check({ ...list, path: '/scopes' })).not.toEqual([]);
    expect(check({ ...list, status: 409, body: refusalOf(ERRORS.revoked) })).not.toEqual([]);
  });
});
