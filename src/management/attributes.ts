import { z } from 'zod';
import { fieldAccepts, type AttributeJsonSchema, type AttributesJsonSchema } from '../core/attributes/attributes.ts';
import type { MetadataValue } from '../core/keys/record.ts';

type MetadataSchema = z.ZodType<Record<string, MetadataValue>, Record<string, MetadataValue>>;

const compiled = new WeakMap<AttributesJsonSchema, MetadataSchema>();

/** The schema of a deployment's attributes, to check metadata by. The construct has seen to it that nothing in it is lost. */
export function attributesSchema(json: AttributesJsonSchema): MetadataSchema {
  const known = compiled.get(json);
  if (known !== undefined) return known;
  const properties = Object.fromEntries(
    Object.entries(json.properties).map(([name, field]) => [name, byPattern(field)]),
  );
  const schema = z.fromJSONSchema({ ...json, properties } as Parameters<typeof z.fromJSONSchema>[0]);
  // The values of an object whose fields are all texts, numbers and booleans.
  const attributes = schema as MetadataSchema;
  compiled.set(json, attributes);
  return attributes;
}

/**
 * A field as zod reads it without loss. Where a format comes with its pattern, the pattern is the rule: the same
 * format by its name may be narrower, as `date-time` is without `local`. And several patterns stand in an `allOf`, where
 * zod heeds one only beside a type.
 */
function byPattern({ format, allOf, anyOf, ...field }: AttributeJsonSchema): AttributeJsonSchema {
  return {
    ...field,
    ...(allOf === undefined ? {} : { allOf: allOf.map((part) => ({ type: field.type, ...part })) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(byPattern) }),
    ...(format !== undefined && field['pattern'] === undefined && allOf === undefined ? { format } : {}),
  };
}

/** Says in words what attributes accept, for error messages. */
export function attributesAccept({ properties, required = [] }: AttributesJsonSchema): string {
  const fields = Object.entries(properties).map(([name, field]) => {
    const need = required.includes(name) ? 'required' : 'optional';
    return `${name}: ${fieldAccepts(field)} (${need})`;
  });
  return `an object of ${fields.join(', ')}`;
}
