import type { z } from 'zod';
import { identifier, optional } from './fields.ts';
import type { ReadingOptions } from './source.ts';
import { normalizedName } from './read-rows.ts';

/**
 * Reads the fields of a row with the schema of a source.
 *
 * @returns the fields and the value of `--owner-field`, or a problem that names fields but repeats no value, which can be a key
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

/** Finds a field that would be ignored because of its spelling. With an ignored `Enabled` or `expires_at`, a key would keep working. */
function misspelledField(known: readonly string[], given: readonly string[], ownerField: string | undefined) {
  const bySpelling = new Map(known.map((name) => [withoutSeparators(name), name]));
  for (const name of given) {
    const meant = bySpelling.get(withoutSeparators(name));
    if (meant !== undefined && meant !== name && name !== ownerField)
      return `${JSON.stringify(name)}: not a field of this format; rename it to ${JSON.stringify(meant)}, or remove it`;
  }
  return undefined;
}

/** A name without the characters that join its words: `expires_at` is `expiresAt`. */
function withoutSeparators(name: string): string {
  return normalizedName(name).replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function faultOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message, code }) => {
      const words = code === 'invalid_type' || code === 'invalid_union' ? 'missing, or not of the right type' : message;
      return path.length === 0 ? words : `${path.join('.')}: ${words}`;
    })
    .join('; ');
}

/**
 * Returns the value of fields with the same meaning.
 *
 * @returns a problem if their values differ
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
