import {
  attributeValues,
  jsonSchemaOf,
  type AttributesJsonSchema,
  type AttributesOf,
  type AttributesSchema,
} from '../core/attributes/attributes.ts';

/** Your own fields of a key: one definition for the construct, the key client, and the API behind the authorizer. */
export interface DefinedAttributes<Schema extends AttributesSchema> {
  /** For the construct: `new ApiKeys(this, 'Keys', { attributes: attributes.schema })`. */
  readonly schema: Schema;
  /** The schema as JSON Schema (draft 2020-12). */
  readonly jsonSchema: AttributesJsonSchema;
  /**
   * Reads the metadata of a key's record by the schema.
   *
   * @throws {TypeError} naming each field that doesn't match the schema, for example of a key older than the schema
   */
  parse(metadata: unknown): AttributesOf<Schema>;
  /**
   * Reads the metadata of a caller's key (`readCaller(event)?.key?.metadata`) by the schema. API Gateway passes it as
   * strings; this returns numbers and booleans for the fields that have these types.
   *
   * @throws {TypeError} naming each field that doesn't match the schema
   */
  parseStrings(metadata: Readonly<Record<string, string>>): AttributesOf<Schema>;
}

/**
 * Defines your own fields of a key.
 *
 * @throws {TypeError} if the construct doesn't accept the schema, with the reason
 * @example
 * export const attributes = defineAttributes(z.object({ tenant: z.string(), seats: z.int().optional() }));
 *
 * export const handler = async (event: APIGatewayProxyEvent) => {
 *   const key = readCaller(event)?.key;
 *   if (key === undefined) return { statusCode: 401, body: '' };
 *   return { statusCode: 200, body: `Hello ${attributes.parseStrings(key.metadata).tenant}` };
 * };
 */
export function defineAttributes<Schema extends AttributesSchema>(schema: Schema): DefinedAttributes<Schema> {
  const jsonSchema = jsonSchemaOf(schema);
  const parse = (metadata: unknown): AttributesOf<Schema> => {
    const result = schema['~standard'].validate(metadata);
    if (result instanceof Promise)
      throw new TypeError('The schema of the attributes is asynchronous. Use a schema without asynchronous rules.');
    if (result.issues === undefined) return result.value;
    const faults = result.issues.map(({ message, path = [] }) => `${path.map(segmentText).join('.')}: ${message}`);
    throw new TypeError(`The attributes of the key don't match the schema: ${faults.join('; ')}`);
  };
  return { schema, jsonSchema, parse, parseStrings: (metadata) => parse(attributeValues(jsonSchema, metadata)) };
}

/** Standard Schema allows a segment of a path as a value, or as an object with the value in `key`. */
function segmentText(segment: unknown): string {
  return String(typeof segment === 'object' && segment !== null && 'key' in segment ? segment.key : segment);
}
