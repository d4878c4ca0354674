import { RECORD_SIZE_LIMITS, type Metadata, type MetadataValue } from '../keys/record.ts';
import { unsupportedRule, type Evaluate } from './unsupported-rule.ts';

/**
 * A schema of your own fields: `z.object({ tenant: z.string(), plan: z.enum(['free', 'pro']) })`. The type is that of
 * Standard Schema and Standard JSON Schema, so that you can use any zod from 4.2 on.
 *
 * https://standardschema.dev
 */
export interface AttributesSchema<Attributes = unknown> {
  readonly '~standard': {
    readonly validate: (value: unknown) => Validated<Attributes> | Promise<Validated<Attributes>>;
    readonly jsonSchema?: { readonly input: (options: { readonly target: 'draft-2020-12' }) => object };
    readonly types?: { readonly input: unknown; readonly output: Attributes } | undefined;
  };
}

type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/** The type of the fields of a schema: `AttributesOf<typeof schema>`. */
export type AttributesOf<Schema extends AttributesSchema> = NonNullable<Schema['~standard']['types']>['output'];

/** The JSON Schema of one field. */
export interface AttributeJsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly AttributeJsonSchema[];
  readonly allOf?: readonly AttributeJsonSchema[];
  readonly description?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly [keyword: string]: unknown;
}

/** The JSON Schema (draft 2020-12) of your own fields. A deployment stores it, and `latchkey settings` returns it. */
export interface AttributesJsonSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, AttributeJsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | AttributeJsonSchema;
}

/** The type of a schema's input, in which fields with a default are optional. */
export type AttributesInputOf<Schema extends AttributesSchema> = NonNullable<Schema['~standard']['types']>['input'];

/**
 * Returns the JSON Schema of a schema.
 *
 * @param evaluateAgain see {@link unsupportedRule}
 * @throws {TypeError} if it is not the schema of an object, has a rule that JSON Schema cannot express, or has a field that
 * metadata cannot have
 */
export function jsonSchemaOf(schema: AttributesSchema, evaluateAgain?: Evaluate): AttributesJsonSchema {
  const unsupported = unsupportedRule(schema, evaluateAgain);
  if (unsupported !== undefined) throw new TypeError(unsupported);
  const { jsonSchema } = schema['~standard'];
  if (jsonSchema === undefined)
    throw new TypeError('attributes has no JSON Schema; accepted: an object schema of zod 4.2 or later');
  const { $schema: _draft, ...json }: Record<string, unknown> = { ...jsonSchema.input({ target: 'draft-2020-12' }) };
  if (!isObjectSchema(json)) throw new TypeError('attributes is not an object schema; accepted: z.object({ … })');
  const fault = fieldsFault(json.properties);
  if (fault !== undefined) throw new TypeError(fault);
  // Other fields are rejected. zod would drop them without an error.
  return { additionalProperties: false, ...json };
}

/** Returns why a value is not the JSON Schema of metadata, or `undefined`. Its rules are not checked. */
export function attributesFault(json: object): string | undefined {
  return isObjectSchema(json)
    ? fieldsFault(json.properties)
    : 'attributes is not an object schema; accepted: a JSON Schema with "type": "object" and "properties"';
}

/** Returns why metadata cannot have these fields, or `undefined`. */
function fieldsFault(properties: AttributesJsonSchema['properties']): string | undefined {
  const fields = Object.entries(properties);
  if (fields.length > RECORD_SIZE_LIMITS.metadataFields)
    return `attributes has ${String(fields.length)} fields; accepted: at most ${String(RECORD_SIZE_LIMITS.metadataFields)}`;
  for (const [name, field] of fields) {
    if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name))
      return `"${name}" in attributes is not a valid name of a metadata field; accepted: at most 64 letters, digits and underscores, starting with a letter`;
    if (typeOfAttribute(field) === undefined)
      return `"${name}" in attributes does not have one type; accepted: string, number or boolean, which API Gateway's context can have`;
  }
  return undefined;
}

function isObjectSchema(json: object): json is AttributesJsonSchema {
  return 'type' in json && json.type === 'object' && 'properties' in json && isObject(json.properties);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Returns the type of a field's values, or `undefined` if it has several types or one that metadata cannot have. */
export function typeOfAttribute({
  type,
  enum: values,
  const: value,
  anyOf,
}: AttributeJsonSchema): 'string' | 'number' | 'boolean' | undefined {
  const types = new Set(
    anyOf?.map(typeOfAttribute) ?? (type === undefined ? (values ?? [value]).map((one) => typeof one) : [type]),
  );
  const [only, another] = types;
  if (another !== undefined) return undefined;
  if (only === 'integer') return 'number';
  return only === 'string' || only === 'number' || only === 'boolean' ? only : undefined;
}

/**
 * Converts a string to the type of a field, because command lines and REST APIs pass only strings. A string that is not a
 * value of the type is returned as it is, so that the schema rejects it.
 */
function attributeValue(field: AttributeJsonSchema | undefined, text: string): MetadataValue {
  const type = field && typeOfAttribute(field);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (type === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  return text;
}

/** Converts strings to the types of the fields. */
export function attributeValues(schema: AttributesJsonSchema, strings: Readonly<Record<string, string>>): Metadata {
  return Object.fromEntries(
    Object.entries(strings).map(([name, text]) => [name, attributeValue(schema.properties[name], text)]),
  );
}

/** Returns what a field accepts, for error messages: its description, if it has one. */
export function fieldAccepts({ description, enum: values, const: value, type, anyOf }: AttributeJsonSchema): string {
  if (description !== undefined) return description;
  if (anyOf !== undefined) return anyOf.map(fieldAccepts).join(' or ');
  if (values !== undefined) return `one of ${values.join(', ')}`;
  if (value !== undefined) return JSON.stringify(value);
  return String(type);
}
