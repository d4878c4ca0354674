import { writeFileSync } from 'node:fs';
import {
  openApiDocument,
  type JsonSchema,
  type OperationObject,
  type ResponseObject,
} from '../../scripts/openapi/document.ts';
import { code, table, text } from './markdown.ts';

/** Writes the reference of the admin API from its OpenAPI document. Run with Node.js 24. */

const document = openApiDocument();
const { schemas, responses: shared } = document.components;
const componentOf = ($ref: string) => $ref.split('/').at(-1) ?? '';
const link = ($ref: string) => `[${componentOf($ref)}](#${componentOf($ref).toLowerCase()})`;

/** The type of a value as Markdown, with links to the objects that the page describes. */
function typeOf(schema: JsonSchema): string {
  const { $ref, type, items, anyOf, format, properties, enum: values } = schema;
  if ($ref !== undefined) return link($ref);
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ');
  if (values !== undefined) return values.map((value) => code(JSON.stringify(value))).join(', ');
  if ('const' in schema) return code(JSON.stringify(schema.const));
  if (items !== undefined) return `array of ${typeOf(items)}`;
  if (properties !== undefined) return `object of ${Object.keys(properties).map(code).join(', ')}`;
  const name = [type ?? 'any'].flat().join(' or ');
  return format === undefined ? name : `${name} (${format})`;
}

/** The rules for a value that a JSON Schema can express, such as `1 to 100 characters`. */
function rulesOf({ minLength, maxLength, minimum, maximum, default: fallback }: JsonSchema): string {
  const range = (from: number | undefined, to: number | undefined) => {
    if (from !== undefined && to !== undefined) return `${String(from)} to ${String(to)}`;
    return to === undefined ? undefined : `at most ${String(to)}`;
  };
  const length = range(minLength, maxLength);
  const rules = [
    length === undefined ? undefined : `${length} characters`,
    range(minimum, maximum),
    fallback === undefined ? undefined : `default ${code(JSON.stringify(fallback))}`,
  ].filter((rule) => rule !== undefined);
  return rules.length === 0 ? '' : `, ${rules.join(', ')}`;
}

function fieldRows({ properties = {}, required = [] }: JsonSchema, prefix = ''): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const { description = '' } = schema;
    const inner = [schema, ...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])].find(
      ({ properties: fields }) => fields !== undefined,
    );
    const field = `${prefix}${name}`;
    const optional = required.includes(name) || prefix !== '' ? '' : ', optional';
    return [
      [code(field), `${typeOf(schema)}${rulesOf(schema)}${optional}`, text(description)],
      ...(inner === undefined ? [] : fieldRows(inner, `${field}.`)),
    ];
  });
}

const json = (value: unknown) => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\`\n\n`;

function responseOf(response: OperationObject['responses'][string]): ResponseObject | undefined {
  return '$ref' in response ? shared[componentOf(response.$ref)] : response;
}

function bodyType({ content }: ResponseObject): string {
  const { schema } = content['application/json'];
  const codes = schema.properties?.['error']?.properties?.['code']?.enum;
  return codes === undefined ? typeOf(schema) : `error ${codes.map((one) => code(String(one))).join(', ')}`;
}

function section(method: string, path: string, operation: OperationObject): string {
  const { operationId, summary, description = '', parameters = [], requestBody, responses, security } = operation;
  const body = requestBody?.content['application/json'];
  const inputName = componentOf(body?.schema.$ref ?? '');
  const parameterRows = parameters.map(({ name, in: place, required, schema, description: meaning }) => [
    code(name),
    `${place}, ${typeOf(schema)}${rulesOf(schema)}${required ? '' : ', optional'}`,
    text(meaning),
  ]);
  const responseRows = Object.entries(responses).map(([status, response]) => {
    const found = responseOf(response);
    return [status, found === undefined ? '' : bodyType(found), text(found?.description ?? '')];
  });
  const [success] = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .toReversed();
  const example = success && responseOf(success[1])?.content['application/json'].example;
  const token = security.some((scheme) => 'token' in scheme) ? ' Also in the hosted console.' : '';
  return `### ${operationId}

${summary}.${token}

\`\`\`http
${method.toUpperCase()} ${path}
\`\`\`

${description.replaceAll('<', '&lt;')}

${table(['Parameter', 'Value', 'Description'], parameterRows)}${
    body === undefined ? '' : table(['Body field', 'Value', 'Description'], fieldRows(schemas[inputName] ?? {}))
  }${table(['Status', 'Body', 'Description'], responseRows)}${
    body === undefined || Object.keys(body.example as object).length === 0
      ? ''
      : `Example of a body:\n\n${json(body.example)}`
  }${success === undefined ? '' : `Example of a response with status ${success[0]}:\n\n${json(example)}`}`;
}

const operations = document.tags.map(({ name, description }) => {
  const sections = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(name))
      .map(([method, operation]) => section(method, path, operation)),
  );
  return `## ${name}\n\n${description}\n\n${sections.join('')}`;
});

const objects = Object.entries(schemas)
  .filter(([name]) => !name.endsWith('Input'))
  .map(([name, schema]) => {
    const alternatives = schema.anyOf
      ?.map((one) => table(['Field', 'Value', 'Description'], fieldRows(one)))
      .join('or\n\n');
    return `### ${name}\n\n${text(schema.description ?? '')}\n\n${alternatives ?? table(['Field', 'Value', 'Description'], fieldRows(schema))}`;
  });

const page = `---
editLink: false
---

# Admin API reference

Generated from the OpenAPI document of the admin API, which is in the npm package as \`latchkey/openapi.json\`. [API](api.md)
describes how to call the operations, also without HTTP.

${operations.join('')}## Objects

${objects.join('')}`;
writeFileSync(new URL('../admin-api.md', import.meta.url), page);
