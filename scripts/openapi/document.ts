import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fieldDefinition, fieldsWith } from '../../src/core/keys/key-fields.ts';
import { ENFORCEABLE_RESTRICTIONS } from '../../src/core/restrictions/restrictions.ts';
import { INTERNAL_ERROR, REFUSAL_STATUSES, refusalOf, type Refusal } from '../../src/management/errors.ts';
import { inputSchemaOf } from '../../src/management/input.ts';
import {
  ADMIN_ROUTES,
  definitionOf,
  requirementOf,
  titleOf,
  type AdminRoute,
  type OperationName,
} from '../../src/management/operations.ts';
import { DIRECT_FIELD } from '../../src/management/operations/principal.ts';
import { DEFAULT_DAYS } from '../../src/management/operations/usage.ts';
import { docCommentsOf, type DocComments } from './doc-comments.ts';
import { DETAILS, ERRORS, type ErrorCode, type RoutedOperation } from './operations.ts';
import { COMPONENTS } from './results.ts';

/** A JSON Schema, as far as this program reads and writes it. */
export interface JsonSchema {
  $ref?: string;
  type?: string | readonly string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  enum?: readonly unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  additionalProperties?: boolean | JsonSchema;
  [keyword: string]: unknown;
}

interface MediaType {
  readonly schema: JsonSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly summary?: string; readonly value: unknown }>>;
}

/** A response of the document. */
export interface ResponseObject {
  readonly description: string;
  readonly content: { readonly 'application/json': MediaType };
}

interface Reference {
  readonly $ref: string;
}

/** A parameter of the document. */
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

/** An operation of the document. */
export interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: { readonly 'application/json': MediaType } };
  readonly responses: Readonly<Record<string, ResponseObject | Reference>>;
}

/** The OpenAPI document of the admin API. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: object;
  readonly servers: readonly object[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, ResponseObject>>;
    readonly securitySchemes: object;
  };
}

const ROOT = join(import.meta.dirname, '../..');

/** The files whose doc comments describe the results, the inputs, the operations and the errors. */
const COMMENTED = [
  'src/core/keys/key-fields.ts',
  'src/core/limits/limits.ts',
  'src/core/restrictions/restrictions.ts',
  'src/gateway/usage.ts',
  ...globSync('src/management/{,operations/}*.ts', { cwd: ROOT }).toSorted(),
];

/** The types whose doc comments describe the fields of an input. */
const INPUT_TYPES: Partial<Record<OperationName, readonly string[]>> = {
  create: ['CreateInput'],
  rotate: ['RotateInput'],
  revoke: ['RevokeOptions'],
  disable: ['RevokeOptions'],
};

const schemaRef = (name: string) => `#/components/schemas/${name}`;
const responseRef = (name: string): Reference => ({ $ref: `#/components/responses/${name}` });

/** Returns the document. It reads the doc comments of the source, so it must run in the repository. */
export function openApiDocument(): OpenApiDocument {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const comments = docCommentsOf(COMMENTED.map((file) => join(ROOT, file)));
  const schemas: Record<string, JsonSchema> = componentSchemas(comments);
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const route of ADMIN_ROUTES) {
    const methods = (paths[route.path] ??= {});
    methods[route.method.toLowerCase()] = operationOf(route, comments, schemas);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Latchkey admin API',
      version,
      summary: 'Manages API keys for Amazon API Gateway.',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
      contact: { name: 'Latchkey', url: 'https://github.com/latchkey/latchkey/issues' },
    },
    servers: SERVERS,
    tags: TAGS,
    paths,
    components: { schemas, responses: sharedResponses(comments), securitySchemes: SECURITY_SCHEMES },
  };
}

const INTRODUCTION = `Later versions can add fields to results, and codes to errors. Ignore what you don't know.

Every request is rejected if it has an unknown field, a repeated field, or a field that is also in the path. A JSON body can
have at most 64 KB. Times are in ISO 8601 and UTC.`;

const SERVERS = [
  {
    url: 'https://{apiId}.execute-api.{region}.amazonaws.com/prod',
    description: 'The construct `AdminApi`, which accepts requests that are signed for IAM.',
    variables: { apiId: { default: 'a1b2c3d4e5' }, region: { default: 'us-east-1' } },
  },
  {
    url: 'https://{domain}/api',
    description: 'The construct `AdminConsole`, which has only the operations that accept a token.',
    variables: { domain: { default: 'd111111abcdef8.cloudfront.net' } },
  },
  { url: 'http://127.0.0.1:8788', description: 'The local server.' },
];

const TAGS = [
  { name: 'Keys', description: 'API keys.' },
  { name: 'Owners', description: 'The suspension of owners. Requires `ownerSuspension`.' },
  { name: 'Deployment', description: 'The settings of the deployment.' },
];

const SECURITY_SCHEMES = {
  iam: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'An AWS Signature Version 4 of an IAM principal with the permission `execute-api:Invoke`.',
    'x-amazon-apigateway-authtype': 'awsSigv4',
  },
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token of the hosted console, with the scope `latchkey/manage`.',
  },
};

/** The errors of API Gateway itself. */
const GATEWAY_ERROR: JsonSchema = {
  type: 'object',
  description: 'An error of API Gateway itself. It has a message and no code.',
  properties: { message: { type: ['string', 'null'] }, Message: { type: 'string' } },
};

function componentSchemas(comments: DocComments): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, { schema }] of Object.entries(COMPONENTS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: schemaRef, override: simplified });
  const described = Object.entries(COMPONENTS).map(([name, { types }]): [string, JsonSchema] => {
    const { $schema: _draft, $id: _id, ...schema } = schemas[name] as JsonSchema;
    return [name, withDescriptions({ description: comments.get(types[0]), ...schema }, types, comments)];
  });
  return { ...Object.fromEntries(described), GatewayError: GATEWAY_ERROR };
}

/** Drops what zod adds to a format and to integers: its own regular expression, and the range of exact numbers. */
function simplified({ jsonSchema }: { jsonSchema: z.core.JSONSchema.JSONSchema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
}

/** Adds the doc comments of the types to the fields of a result. */
function withDescriptions(schema: JsonSchema, types: readonly string[], comments: DocComments): JsonSchema {
  const recurse = (part: JsonSchema) => withDescriptions(part, types, comments);
  const { properties, items, anyOf } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: mapValues(properties, (part, name) => {
        const description = commentOn(name, types, comments);
        return { ...(description !== undefined && { description }), ...recurse(part) };
      }),
    }),
    ...(items && { items: recurse(items) }),
    ...(anyOf && { anyOf: anyOf.map(recurse) }),
  };
}

function commentOn(field: string, types: readonly string[], comments: DocComments): string | undefined {
  return types.map((type) => comments.get(`${type}.${field}`)).find((text) => text !== undefined);
}

function operationOf(
  { path, operation, method, inConsole = false, functionName }: AdminRoute,
  comments: DocComments,
  schemas: Record<string, JsonSchema>,
): OperationObject {
  // Every operation with a route has details.
  const { tag, input, success, errors } = DETAILS[operation as RoutedOperation];
  const { properties: fields = {}, required = [], ...schema } = inputSchema(operation, comments);
  const inPath = (name: string) => path.includes(`{${name}}`);
  const [pathFields, otherFields] = partition(Object.entries(fields), ([name]) => inPath(name));
  const parameter = ([name, of]: [string, JsonSchema], place: 'path' | 'query'): Parameter => {
    const { description = '', ...type } = of;
    const example = input[name];
    return {
      name,
      in: place,
      required: required.includes(name),
      description,
      schema: type,
      ...(example !== undefined && { example }),
    };
  };
  const parameters = [
    ...pathFields.map((field) => parameter(field, 'path')),
    ...(method === 'GET' ? otherFields.map((field) => parameter(field, 'query')) : []),
  ];
  const requirement = requirementOf(operation);
  const description = [comments.get(operation), requirement && `Requires ${requirement}.`].filter(Boolean).join('\n\n');
  let requestBody: OperationObject['requestBody'];
  if (method !== 'GET' && otherFields.length > 0) {
    const name = `${titleOf(operation)}Input`;
    const requiredInBody = required.filter((field) => !inPath(field));
    const meaning = comments.get(name);
    schemas[name] = {
      ...(meaning !== undefined && { description: meaning }),
      ...schema,
      properties: Object.fromEntries(otherFields),
      ...(requiredInBody.length > 0 && { required: requiredInBody }),
    };
    const example = Object.fromEntries(Object.entries(input).filter(([field]) => !inPath(field)));
    requestBody = {
      required: requiredInBody.length > 0,
      content: { 'application/json': { schema: { $ref: schemaRef(name) }, example } },
    };
  }
  return {
    operationId: functionName.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    summary: definitionOf(operation).description,
    ...(description !== '' && { description }),
    tags: [tag],
    security: [{ iam: [] }, ...(inConsole ? [{ token: [] }] : [])],
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: {
      ...mapValues(success, ({ description: of, component, example }) => ({
        description: of,
        content: { 'application/json': { schema: { $ref: schemaRef(component) }, example } },
      })),
      ...errorResponses(errors, inConsole, comments),
    },
  };
}

/** The settings with which an input accepts the most. Those of a deployment can reject more. */
const SETTINGS = { plans: {}, attributes: undefined, restrictions: ENFORCEABLE_RESTRICTIONS };
const NOW = 0;

/** What an input's schema cannot say, because it depends on the deployment or on the time. */
const NOTES: Readonly<Record<string, string>> = {
  plan: 'the name of a plan of the deployment, which `GET /settings` lists',
  from: `Default: ${String(DEFAULT_DAYS - 1)} days before \`to\`.`,
  to: 'Default: today.',
};

function inputSchema(operation: OperationName, comments: DocComments): JsonSchema {
  const { $schema: _draft, ...schema } = z.toJSONSchema(inputSchemaOf(operation, NOW, SETTINGS), {
    io: 'input',
    override: simplified,
  }) as JsonSchema;
  const { [DIRECT_FIELD]: _direct, ...properties } = schema.properties ?? {};
  return {
    ...schema,
    properties: mapValues(properties, (part, name) => describedInput(part, operation, name, comments)),
  };
}

/** Describes a field of an input: what it means, then what it accepts. */
function describedInput(schema: JsonSchema, operation: OperationName, name: string, comments: DocComments): JsonSchema {
  const field = fieldsWith({}).find((one) => (fieldDefinition(one).input ?? one) === name);
  const meaning =
    commentOn(name, INPUT_TYPES[operation] ?? [], comments) ?? comments.get(`KEY_FIELDS.${String(field)}`);
  const { description: own, anyOf, ...rest } = schema;
  const alternative = anyOf?.find(({ type }) => type !== 'null');
  const hasFields = (alternative ?? schema).properties !== undefined;
  const accepted = name === 'plan' ? NOTES['plan'] : (own ?? alternative?.description);
  const described = {
    ...inSentences(rest),
    ...(anyOf && { anyOf: anyOf.map(({ description: _, ...part }) => inSentences(part)) }),
    description: joined([meaning, hasFields ? undefined : accepted, name === 'plan' ? undefined : NOTES[name]]),
  };
  // The default of these is the current date.
  if (name in NOTES) delete described.default;
  return described;
}

/** Joins descriptions. Leaves out a meaning that the accepted values repeat. */
function joined(parts: readonly (string | undefined)[]): string {
  const [first = '', second = '', ...rest] = parts.map((part) => (part === undefined ? '' : sentence(part)));
  const [opening = ''] = first.split('.', 1);
  const repeated = first !== '' && second.toLowerCase().startsWith(opening.toLowerCase());
  return [repeated ? '' : first, second, ...rest].filter((part) => part !== '').join(' ');
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(start) ? start : `${start}.`;
}

/** Turns the descriptions of nested fields, which are parts of error messages, into sentences. */
function inSentences(schema: JsonSchema): JsonSchema {
  const { properties, items, description } = schema;
  return {
    ...schema,
    ...(description !== undefined && { description: sentence(description) }),
    ...(properties && { properties: mapValues(properties, inSentences) }),
    ...(items && { items: inSentences(items) }),
  };
}

const SHARED: Readonly<Record<number, string>> = { 400: 'InvalidInput', 404: 'NotFound' };

function errorResponses(
  codes: readonly ErrorCode[],
  inConsole: boolean,
  comments: DocComments,
): Record<string, ResponseObject | Reference> {
  const byStatus = Map.groupBy(codes, (code) => REFUSAL_STATUSES[code]);
  const ofOperation = [...byStatus].map(([status, group]): [string, ResponseObject | Reference] => {
    const shared = SHARED[status];
    return [String(status), shared === undefined ? errorResponse(group, comments) : responseRef(shared)];
  });
  return {
    ...Object.fromEntries(ofOperation),
    ...(inConsole && { 401: responseRef('Unauthorized') }),
    403: responseRef('Forbidden'),
    429: responseRef('TooManyRequests'),
    500: responseRef('InternalError'),
    default: responseRef('GatewayError'),
  };
}

function sharedResponses(comments: DocComments): Record<string, ResponseObject> {
  const gateway = (description: string, message: string): ResponseObject => ({
    description,
    content: { 'application/json': { schema: { $ref: schemaRef('GatewayError') }, example: { message } } },
  });
  return {
    InvalidInput: errorResponse(['invalid_input'], comments),
    NotFound: errorResponse(['not_found'], comments),
    Unauthorized: gateway('The request to the hosted console has no valid token.', 'Unauthorized'),
    Forbidden: gateway(
      'The request has no valid signature, or its principal has no permission.',
      'Missing Authentication Token',
    ),
    TooManyRequests: gateway('API Gateway throttles the requests of the account.', 'Too Many Requests'),
    InternalError: {
      description: 'The operation failed. The log of the function says why.',
      content: {
        'application/json': {
          schema: errorSchema([INTERNAL_ERROR]),
          example: INTERNAL_ERROR,
        },
      },
    },
    GatewayError: gateway('An error of API Gateway itself.', 'Internal server error'),
  };
}

/** The response to a rejected request. */
function errorResponse(codes: readonly ErrorCode[], comments: DocComments): ResponseObject {
  const described = codes.map((code) => ({ code, description: comments.get(ERRORS[code].name) ?? '' }));
  const refusals = codes.map((code) => refusalOf(ERRORS[code]));
  return {
    description:
      described.length === 1
        ? (described[0]?.description ?? '')
        : described.map(({ code, description }) => `- \`${code}\`: ${description}`).join('\n'),
    content: {
      'application/json': {
        schema: errorSchema(refusals),
        examples: Object.fromEntries(codes.map((code) => [code, { value: refusalOf(ERRORS[code]) }])),
      },
    },
  };
}

/** The schemas of the details that errors have in addition to code and message. */
const DETAIL_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  faults: { type: 'array', items: { $ref: schemaRef('InputFault') }, description: 'The invalid fields.' },
  version: { type: 'integer', description: 'The version of the key.' },
};

/** Returns the schema of the given errors. A detail is required if each of them has it. */
function errorSchema(refusals: readonly Refusal[]): JsonSchema {
  const names = refusals.map(({ error }) => Object.keys(error));
  const every = [...new Set(names.flat())];
  const properties: Record<string, JsonSchema> = {
    code: { type: 'string', enum: refusals.map(({ error }) => error.code), description: 'Stable.' },
    message: { type: 'string', description: 'A text for people, which can change.' },
  };
  const details = every.flatMap((name) => (name in properties ? [] : [[name, DETAIL_SCHEMAS[name]]]));
  const error: JsonSchema = {
    type: 'object',
    properties: { ...properties, ...(Object.fromEntries(details) as Record<string, JsonSchema>) },
    required: every.filter((name) => names.every((one) => one.includes(name))),
  };
  return { type: 'object', properties: { error }, required: ['error'] };
}

/** Replaces each value of an object. */
function mapValues<Value, Result>(
  values: Readonly<Record<string, Value>>,
  map: (value: Value, name: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));
}

function partition<Item>(items: readonly Item[], matches: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(matches), items.filter((item) => !matches(item))];
}
