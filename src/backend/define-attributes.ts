import {
  attributeValues,
  jsonSchemaOf,
  type AttributesJsonSchema,
  type AttributesOf,
  type AttributesSchema,
} from '../core/attributes/attributes.ts';
import { callerOf, type AuthorizedEvent, type Caller } from '../gateway/context.ts';

/** The caller with a team's own fields, in their own types. */
export interface CallerWith<Attributes> extends Caller {
  readonly attributes: Attributes;
}

/** A team's own fields: one definition for the construct, the client and the API behind the authorizer. */
export interface DefinedAttributes<Schema extends AttributesSchema> {
  /** For the construct: `new ApiKeys(this, 'Keys', { attributes: attributes.schema })`. */
  readonly schema: Schema;
  readonly jsonSchema: AttributesJsonSchema;
  /**
   * A key's metadata as what the schema makes of it.
   *
   * @throws {TypeError} naming each field that is not as the schema wants it: a key older than the schema
   */
  parse(metadata: unknown): AttributesOf<Schema>;
  /**
   * Who is calling, in the API behind the authorizer, with the attributes as numbers, booleans and texts, whichever
   * kind of API handed them on.
   *
   * @returns `undefined` if the event did not come through a Latchkey authorizer
   * @throws {TypeError} as {@link DefinedAttributes.parse} does
   */
  parseContext(event: AuthorizedEvent): CallerWith<AttributesOf<Schema>> | undefined;
}

/**
 * Defines a team's own fields of a key.
 *
 * @throws {TypeError} if the schema is none that the construct takes, naming what is wrong with it
 * @example
 * export const attributes = defineAttributes(z.object({ tenant: z.string(), seats: z.int().optional() }));
 *
 * export const handler = async (event: APIGatewayProxyEvent) => {
 *   const caller = attributes.parseContext(event);
 *   return { statusCode: 200, body: `Hello ${caller?.attributes.tenant ?? 'stranger'}` };
 * };
 */
export function defineAttributes<Schema extends AttributesSchema>(schema: Schema): DefinedAttributes<Schema> {
  const jsonSchema = jsonSchemaOf(schema);
  const parse = (metadata: unknown): AttributesOf<Schema> => {
    const result = schema['~standard'].validate(metadata);
    if (result instanceof Promise) throw new TypeError('the schema of the attributes is asynchronous');
    if (result.issues === undefined) return result.value;
    const faults = result.issues.map(({ message, path = [] }) => `${path.map(segmentText).join('.')}: ${message}`);
    throw new TypeError(`the attributes of the key do not fit the schema: ${faults.join('; ')}`);
  };
  return {
    schema,
    jsonSchema,
    parse,
    parseContext(event) {
      const caller = callerOf(event);
      return caller && { ...caller, attributes: parse(attributeValues(jsonSchema, caller.metadata)) };
    },
  };
}

/** Standard Schema has a path's segments as they are, or in an object. */
function segmentText(segment: unknown): string {
  return String(typeof segment === 'object' && segment !== null && 'key' in segment ? segment.key : segment);
}
