import * as z from 'zod';
import { fieldAccepts, type AttributeJsonSchema, type AttributesJsonSchema } from '../core/attributes/attributes.ts';
import type { MetadataValue } from '../core/keys/record.ts';

type MetadataSchema = z.ZodType<Record<string, MetadataValue>, Record<string, MetadataValue>>;

const compiled = new WeakMap<AttributesJsonSchema, MetadataSchema>();

/**
 * Returns the zod schema of a deployment's attributes, which checks metadata. The construct has already verified that the
 * conversion to zod drops no rule.
 */
export function attributesSchema(json: AttributesJsonSchema): MetadataSchema {
  const known = compiled.get(json);
  if (known !== undefined) return known;
  const properties = Object.fromEntries(
    Object.entries(json.properties).map(([name, field]) => [name, byPattern(field)]),
  );
  const schema = z.fromJSONSchema({ ...json, properties } as Parameters<typeof z.fromJSONSchema>[0]);
  // All fields of the attributes are strings, numbers or booleans.
  const attributes = schema as MetadataSchema;
  compiled.set(json, attributes);
  return attributes;
}

/**
 * Returns a field in a form that zod converts without loss. If a format has a pattern, only the pattern is kept: zod's own
 * format of that name can be narrower, as `date-time` is without `local`. Several patterns are in an `allOf`, where zod
 * ignores a pattern that has no type next to it.
 */
function byPattern({ format, allOf, anyOf, ...field }: AttributeJsonSchema): AttributeJsonSchema {
  return {
    ...field,
    ...(allOf === undefined ? {} : { allOf: allOf.map((part) => ({ type: field.type, ...part })) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(byPattern) }),
    ...(format !== undefined && field['pattern'] === undefined && allOf === undefined ? { format } : {}),
  };
}

/** Describes what the attributes accept, for error messages. */
export function attributesAccept({ properties, required = [] }: AttributesJsonSchema): string {
  const fields = Object.entries(properties).map(([name, field]) => {
    const need = required.includes(name) ? 'required' : 'optional';
    return `${name}: ${fieldAccepts(field)} (${need})`;
  });
  return `an object of ${fields.join(', ')}`;
}
