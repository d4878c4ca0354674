import { jsonSchemaOf, type AttributesJsonSchema, type AttributesSchema } from '../src/core/attributes/attributes.ts';
import { checkedJsonSchema } from '../src/core/attributes/json-schema.ts';
import type { Plans } from '../src/core/limits/limits.ts';
import { inTheFuture } from './in-the-future.ts';

/** Lambda accepts 4 KB of environment variables in total. This leaves room for the other settings. */
const MAX_BYTES_WITH_PLANS = 3072;

/**
 * Returns the JSON Schema that the management functions validate attributes with.
 *
 * @throws {TypeError} if JSON Schema cannot express the schema, or the functions would ignore a part of it; the message names
 * the field
 */
export function attributesOf(schema: AttributesSchema | AttributesJsonSchema, plans: Plans): AttributesJsonSchema {
  const json = isJsonSchema(schema) ? checkedJsonSchema(schema) : jsonSchemaOf(schema, inTheFuture);
  const bytes = Buffer.byteLength(JSON.stringify(json) + JSON.stringify(plans));
  if (bytes > MAX_BYTES_WITH_PLANS)
    throw new TypeError(
      `attributes and plans have ${String(bytes)} bytes as JSON. Use at most ${String(MAX_BYTES_WITH_PLANS)}: they must fit into a function's environment variables.`,
    );
  return json;
}

function isJsonSchema(schema: AttributesSchema | AttributesJsonSchema): schema is AttributesJsonSchema {
  return !('~standard' in schema);
}
