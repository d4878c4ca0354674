import { jsonSchemaOf, type AttributesJsonSchema, type AttributesSchema } from '../src/core/attributes/attributes.ts';
import type { Plans } from '../src/core/limits/limits.ts';
import { inTheFuture } from './in-the-future.ts';

/** Lambda takes 4 KB of environment variables in all; this leaves room for the other settings. */
const MAX_BYTES_WITH_PLANS = 3072;

/**
 * The JSON Schema of attributes, by which the management functions check them.
 *
 * @throws {TypeError} naming the field and what is wrong with it
 */
export function attributesOf(schema: AttributesSchema, plans: Plans): AttributesJsonSchema {
  const json = jsonSchemaOf(schema, inTheFuture);
  const bytes = Buffer.byteLength(JSON.stringify(json) + JSON.stringify(plans));
  if (bytes > MAX_BYTES_WITH_PLANS)
    throw new TypeError(
      `attributes and plans have ${String(bytes)} bytes as JSON; accepted: ${String(MAX_BYTES_WITH_PLANS)}, what the environment of a function has room for`,
    );
  return json;
}
