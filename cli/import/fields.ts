import { z } from 'zod';
import { LIMITS, type Metadata, type MetadataValue } from '../../functions/domain/record.ts';

/** How databases and their tools write a yes and a no. */
const YES = ['true', 't', '1', 'yes', 'y'];
const NO = ['false', 'f', '0', 'no', 'n'];

/** 1973 in milliseconds, 5138 in seconds: what is less counts seconds. */
const LEAST_MS = 1e11;

/** Databases and CSV have no `undefined`: an empty field is one that is not there. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional());
}

export const text = z.coerce.string();

export const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((value) => String(value).toLowerCase())
  .refine((value) => YES.includes(value) || NO.includes(value), 'neither true nor false')
  .transform((value) => YES.includes(value));

/**
 * A time as databases write it, or in seconds or milliseconds since 1970; as ISO 8601 in UTC. One without a zone
 * is UTC.
 */
export const instant = z.union([z.string(), z.number()]).transform((value, context) => {
  const number = typeof value === 'number' || /^\d{9,14}(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
  const time = number === undefined ? Date.parse(zoned(String(value))) : number < LEAST_MS ? number * 1000 : number;
  if (Number.isFinite(time) && Math.abs(time) < 8.64e15) return new Date(time).toISOString();
  context.addIssue({ code: 'custom', message: 'not a time' });
  return z.NEVER;
});

/** Text that may hold JSON, as databases keep it. */
export const json = z.unknown().transform((value): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
});

/**
 * The id of a key's owner.
 *
 * @param usual what the issuer itself has
 * @param field a column of the team's own instead
 */
export function ownerOf(
  fields: Readonly<Record<string, unknown>>,
  usual: string | undefined,
  field: string | undefined,
): string | undefined {
  return field === undefined ? usual : optional(text).safeParse(fields[field]).data;
}

/** What was wrong with a row, without repeating any of it. */
export function faultOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message, code }) => {
      const field = path.join('.');
      return `${field}: ${code === 'invalid_type' || code === 'invalid_union' ? 'missing, or of another type' : message}`;
    })
    .join('; ');
}

/** A name as long as Latchkey's can be. */
export function fittingName(name: string | undefined, fallback: string): { name: string; without: string[] } {
  const trimmed = name?.trim() ?? '';
  if (trimmed === '') return { name: fallback, without: [] };
  if (trimmed.length <= LIMITS.nameCharacters) return { name: trimmed, without: [] };
  return { name: trimmed.slice(0, LIMITS.nameCharacters).trim(), without: ['the end of its name'] };
}

/** Of an issuer's metadata, what Latchkey's can hold: texts, numbers and booleans under plain names. */
export function fittingMetadata(metadata: unknown): { metadata: Metadata; without: string[] } {
  if (typeof metadata !== 'object' || metadata === null) return { metadata: {}, without: [] };
  const fits: Record<string, MetadataValue> = {};
  const without: string[] = [];
  for (const [name, value] of Object.entries<unknown>({ ...metadata })) {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    const candidate = plain ? { ...fits, [name]: value } : fits;
    const short = Buffer.byteLength(JSON.stringify(candidate)) <= LIMITS.metadataBytes;
    const few = Object.keys(candidate).length <= LIMITS.metadataFields;
    if (plain && /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name) && short && few) fits[name] = value;
    else without.push(`metadata ${JSON.stringify(name)}`);
  }
  return { metadata: fits, without };
}

/** Whether there is anything in an issuer's permissions, roles or the like. */
export function grantsAnything(permissions: unknown): boolean {
  if (permissions === undefined || permissions === null || permissions === '') return false;
  return typeof permissions === 'object' ? Object.keys(permissions).length > 0 : true;
}

function zoned(text: string): string {
  const iso = text
    .trim()
    .replace(/^(\d{4}-\d\d-\d\d) /, '$1T')
    .replace(/(:[\d.]+[+-]\d\d)$/, '$1:00');
  return /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(iso) ? `${iso}Z` : iso;
}
