import { LIMITS, type Metadata, type MetadataValue } from '../keys/record.ts';
import { untoldRule } from './untold-rule.ts';

/**
 * A schema of a team's own fields, as zod makes one: `z.object({ tenant: z.string(), plan: z.enum(['free', 'pro']) })`.
 * Any schema does that follows Standard Schema and Standard JSON Schema (zod from 4.2 on), so no version of zod is ours
 * to choose.
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

/** What a schema's fields are, in types: `AttributesOf<typeof schema>`. */
export type AttributesOf<Schema extends AttributesSchema> = NonNullable<Schema['~standard']['types']>['output'];

/** One field as JSON Schema has it. */
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

/** A team's own fields as JSON Schema (draft 2020-12) has them: how a deployment keeps and tells them. */
export interface AttributesJsonSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, AttributeJsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | AttributeJsonSchema;
}

/** What a schema takes, before it has put in what it has by default. */
export type AttributesInputOf<Schema extends AttributesSchema> = NonNullable<Schema['~standard']['types']>['input'];

/**
 * The schema as JSON Schema tells it.
 *
 * @throws {TypeError} naming what is wrong with it: it is not of an object, has a rule that JSON Schema cannot tell, or
 * a field that no key can have
 */
export function jsonSchemaOf(schema: AttributesSchema): AttributesJsonSchema {
  const untold = untoldRule(schema);
  if (untold !== undefined) throw new TypeError(untold);
  const { jsonSchema } = schema['~standard'];
  if (jsonSchema === undefined)
    throw new TypeError('attributes cannot tell its JSON Schema; accepted: an object schema of zod 4.2 or newer');
  const { $schema: _draft, ...json }: Record<string, unknown> = { ...jsonSchema.input({ target: 'draft-2020-12' }) };
  if (!isObjectSchema(json)) throw new TypeError('attributes is no schema of an object; accepted: z.object({ … })');
  const fault = fieldsFault(json.properties);
  if (fault !== undefined) throw new TypeError(fault);
  // What nobody has named is refused, where zod would drop it unsaid.
  return { additionalProperties: false, ...json };
}

/** Why metadata cannot have these fields, or `undefined`. */
function fieldsFault(properties: AttributesJsonSchema['properties']): string | undefined {
  const fields = Object.entries(properties);
  if (fields.length > LIMITS.metadataFields)
    return `attributes has ${String(fields.length)} fields; accepted: ${String(LIMITS.metadataFields)}`;
  for (const [name, field] of fields) {
    if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name))
      return `"${name}" in attributes is no metadata field; accepted: letters, digits and underscores, starting with a letter`;
    if (typeOfAttribute(field) === undefined)
      return `"${name}" in attributes is not of one type; accepted: a text, a number or a boolean, of which API Gateway's context is made`;
  }
  return undefined;
}

function isObjectSchema(json: object): json is AttributesJsonSchema {
  return 'type' in json && json.type === 'object' && 'properties' in json && typeof json.properties === 'object';
}

/** The one type that a field's values have; `undefined` if it may have several, or one that no attribute can have. */
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
 * Reads a text as the value that a field means by it: command lines and REST APIs hand on nothing but texts. What
 * does not read as a value of its type stays a text, for the schema to refuse.
 */
function attributeValue(field: AttributeJsonSchema | undefined, text: string): MetadataValue {
  const type = field && typeOfAttribute(field);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (type === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  return text;
}

/** Fields that were handed on as texts, as the values that they mean. */
export function attributeValues(schema: AttributesJsonSchema, texts: Readonly<Record<string, string>>): Metadata {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, attributeValue(schema.properties[name], text)]),
  );
}

/** What a field accepts, in words: its description, if it has one. */
export function fieldAccepts({ description, enum: values, const: value, type, anyOf }: AttributeJsonSchema): string {
  if (description !== undefined) return description;
  if (anyOf !== undefined) return anyOf.map(fieldAccepts).join(' or ');
  if (values !== undefined) return `one of ${values.join(', ')}`;
  if (value !== undefined) return JSON.stringify(value);
  return String(type);
}
