import type { z } from 'zod';
import { identifier, optional } from './fields.ts';
import type { ReadingOptions } from './source.ts';
import { looseSpelling } from './spelling.ts';

/**
 * Reads the fields of a row that a source knows.
 *
 * @returns what the schema makes of them, and the value of `--owner-field`; or what is wrong, by field, without
 * repeating a value, which may be a key
 */
export function readFields<Schema extends z.ZodObject>(
  schema: Schema,
  fields: Readonly<Record<string, unknown>>,
  { ownerField }: Pick<ReadingOptions, 'ownerField'>,
): { readonly data: z.output<Schema>; readonly owner: string | undefined } | { readonly problem: string } {
  const misspelled = misspelledField(Object.keys(schema.shape), Object.keys(fields), ownerField);
  if (misspelled !== undefined) return { problem: misspelled };
  const parsed = schema.safeParse(fields);
  if (!parsed.success) return { problem: faultOf(parsed.error) };
  const owner = optional(identifier).safeParse(ownerField === undefined ? undefined : fields[ownerField]);
  if (!owner.success) return { problem: `${String(ownerField)}: ${faultOf(owner.error)}` };
  return { data: parsed.data, owner: owner.data };
}

/** A field that would be overlooked because of its spelling: an unread `Enabled` or `expires_at` would let a key live on. */
function misspelledField(known: readonly string[], given: readonly string[], ownerField: string | undefined) {
  const bySpelling = new Map(known.map((name) => [looseSpelling(name), name]));
  for (const name of given) {
    const meant = bySpelling.get(looseSpelling(name));
    if (meant !== undefined && meant !== name && name !== ownerField)
      return `${JSON.stringify(name)}: not a field of this format; rename it to ${JSON.stringify(meant)}, or remove it`;
  }
  return undefined;
}

function faultOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message, code }) => {
      const words = code === 'invalid_type' || code === 'invalid_union' ? 'missing, or of another type' : message;
      return path.length === 0 ? words : `${path.join('.')}: ${words}`;
    })
    .join('; ');
}

/**
 * The value of fields that mean the same.
 *
 * @returns a problem if they differ
 */
export function onlyValue(
  values: Readonly<Record<string, string | undefined>>,
): { readonly value: string | undefined } | { readonly problem: string } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const [first] = given;
  const other = given.find(([, value]) => value !== first?.[1]);
  if (first === undefined || other === undefined) return { value: first?.[1] };
  return { problem: `${other[0]}: differs from ${first[0]}, which means the same; remove one of them` };
}
