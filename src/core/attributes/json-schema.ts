import { attributesFault, type AttributeJsonSchema, type AttributesJsonSchema } from './attributes.ts';

const OBJECT_KEYWORDS = ['$schema', 'title', 'description', 'type', 'properties', 'required', 'additionalProperties'];
/** The keywords of a field that the management functions check, and those that describe it. */
const FIELD_KEYWORDS = [
  'type',
  'enum',
  'const',
  'anyOf',
  'title',
  'description',
  'default',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
];
/** The formats that the management functions check. They ignore others. */
const FORMATS = ['email', 'uri', 'uuid', 'date-time', 'date', 'time', 'duration', 'hostname', 'ipv4', 'ipv6'];

/**
 * Returns a JSON Schema of attributes without what the management functions don't need.
 *
 * @throws {TypeError} if it is not the schema of an object, has a rule that the functions would ignore, or has a field that
 * metadata cannot have
 */
export function checkedJsonSchema(json: AttributesJsonSchema): AttributesJsonSchema {
  const fault = attributesFault(json) ?? objectFault(json);
  if (fault !== undefined) throw new TypeError(fault);
  const { $schema: _draft, ...schema }: AttributesJsonSchema & { readonly $schema?: unknown } = json;
  return { additionalProperties: false, ...schema };
}

function objectFault(json: AttributesJsonSchema): string | undefined {
  const { properties, required = [], additionalProperties = false } = json;
  const unknown = required.find((name) => !Object.hasOwn(properties, name));
  if (unknown !== undefined) return `attributes requires the field "${unknown}", which is not in its properties`;
  return (
    keywordFault('attributes', json, OBJECT_KEYWORDS) ??
    Object.entries(properties)
      .map(([name, field]) => fieldFault(`"${name}" in attributes`, field))
      .find((fault) => fault !== undefined) ??
    (typeof additionalProperties === 'boolean'
      ? undefined
      : fieldFault('additionalProperties in attributes', additionalProperties))
  );
}

function fieldFault(at: string, field: AttributeJsonSchema): string | undefined {
  const { format, pattern, anyOf = [] } = field;
  if (format !== undefined && !FORMATS.includes(format))
    return `${at} has the format "${format}", which is not checked; accepted: ${FORMATS.join(', ')}`;
  if (format !== undefined && pattern !== undefined)
    return `${at} has both a format and a pattern; accepted: one of them`;
  return (
    keywordFault(at, field, FIELD_KEYWORDS) ??
    anyOf.map((one) => fieldFault(at, one)).find((fault) => fault !== undefined)
  );
}

function keywordFault(at: string, schema: object, accepted: readonly string[]): string | undefined {
  const unknown = Object.keys(schema).find((keyword) => !accepted.includes(keyword));
  return unknown === undefined
    ? undefined
    : `${at} has the keyword "${unknown}", which the management functions would ignore; accepted: ${accepted.join(', ')}`;
}
