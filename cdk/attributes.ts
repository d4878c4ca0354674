import {
  jsonSchemaOf,
  typeOfAttribute,
  type AttributesJsonSchema,
  type AttributesSchema,
} from '../functions/domain/attributes.ts';
import type { Plans } from '../functions/domain/limits.ts';
import { LIMITS } from '../functions/domain/record.ts';

/** Lambda takes 4 KB of environment variables in all; this leaves room for the other settings. */
const MAX_BYTES_WITH_PLANS = 3072;

/**
 * The JSON Schema of attributes, by which the management functions check them.
 *
 * @throws {TypeError} naming the field and what is wrong with it
 */
export function attributesOf(schema: AttributesSchema, plans: Plans): AttributesJsonSchema {
  const json = jsonSchemaOf(schema);
  const fields = Object.entries(json.properties);
  if (fields.length > LIMITS.metadataFields)
    throw new TypeError(`attributes has ${String(fields.length)} fields; accepted: ${String(LIMITS.metadataFields)}`);
  for (const [name, field] of fields) {
    if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name))
      throw new TypeError(
        `"${name}" in attributes is no metadata field; accepted: letters, digits and underscores, starting with a letter`,
      );
    if (typeOfAttribute(field) === undefined)
      throw new TypeError(
        `"${name}" in attributes is not of one type; accepted: a text, a number or a boolean, of which API Gateway's context is made`,
      );
  }
  const bytes = Buffer.byteLength(JSON.stringify(json) + JSON.stringify(plans));
  if (bytes > MAX_BYTES_WITH_PLANS)
    throw new TypeError(
      `attributes and plans have ${String(bytes)} bytes as JSON; accepted: ${String(MAX_BYTES_WITH_PLANS)}, what the environment of a function has room for`,
    );
  return json;
}
