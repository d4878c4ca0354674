import { isLosslessNumber } from 'lossless-json';
import * as z from 'zod';
import { KEY_FIELDS } from '../../src/core/keys/key-fields.ts';
import { RECORD_SIZE_LIMITS, type Metadata, type MetadataValue } from '../../src/core/keys/record.ts';
import { parseIsoTime } from '../../src/management/expiry.ts';
import { ambiguousValue } from './ambiguities.ts';
import { parseJson, withPlainNumbers } from './json.ts';

/** How databases and their tools write true and false. */
const TRUE = ['true', 't', '1', 'yes', 'y'];
const FALSE = ['false', 'f', '0', 'no', 'n'];

/** A long number as a spreadsheet writes it, with most of its digits lost. */
const EXPONENT = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i;
/** A whole number with decimals, as data frames write a column of integers that has gaps. */
const WHOLE_WITH_DECIMALS = /^[+-]?\d+[.,]0+$/;
/**
 * The texts that tools write for a missing value. As an owner's id, such a value would assign the keys of many owners to one
 * owner.
 */
const NO_VALUE = /^(?:null|\\N|undefined|none|nan|#n\/a|\[object object\])$/i;
/** mongoexport's CSV form of an ObjectId. */
const OBJECT_ID = /^ObjectId\("?([0-9a-f]{24})"?\)$/i;

/** How often JSON in a string is parsed. Some libraries serialize their metadata twice. */
const JSON_LEVELS = 3;

/** Makes a field optional. Databases and CSV have no `undefined`: null and empty cells mean that there is no value. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional());
}

/** A string, or a whole number with all of its digits. */
export const text = z.unknown().transform((value, context) => {
  const read = textOf(value);
  if (read !== undefined) return read;
  context.addIssue({ code: 'custom', message: value === undefined ? 'missing' : 'not a string or a whole number' });
  return z.NEVER;
});

/** An id or a name: a string that a spreadsheet has not changed, and that does not stand for a missing value. */
export const identifier = text.transform((value, context) => {
  const [, objectId] = OBJECT_ID.exec(value) ?? [];
  const message = identifierFault(value);
  if (message === undefined) return objectId ?? value;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** Returns why a string is not accepted as an id or a name, or `undefined` if it is. */
export function identifierFault(value: string): string | undefined {
  if (EXPONENT.test(value)) return 'a number in exponent form, which may have lost digits; export the column as text';
  if (WHOLE_WITH_DECIMALS.test(value)) return 'a whole number with decimals; export the column as text';
  return NO_VALUE.test(value) ? 'stands for a missing value; leave the cell empty instead' : undefined;
}

export const flag = z.unknown().transform((value, context) => {
  const spelled = ['boolean', 'number', 'string'].includes(typeof value) ? String(value).toLowerCase() : undefined;
  if (spelled !== undefined && TRUE.includes(spelled)) return true;
  if (spelled !== undefined && FALSE.includes(spelled)) return false;
  context.addIssue({ code: 'custom', message: 'not a boolean; use true, false, t, f, yes, no, y, n, 1 or 0' });
  return z.NEVER;
});

/** A whole number, at least 0. */
export const count = z.unknown().transform((value, context) => {
  const read = textOf(value);
  if (read !== undefined && /^\d{1,15}$/.test(read)) return Number(read);
  context.addIssue({ code: 'custom', message: 'not a whole number; use 0 or more' });
  return z.NEVER;
});

/**
 * A time, as ISO 8601 in UTC. Accepts what `--expires` accepts, the form of databases (`2027-01-31 12:00:00.5+01`),
 * seconds since 1970 (10 digits) and milliseconds (13 digits). A time without a zone is in UTC.
 */
export const instant = z.unknown().transform((value, context) => {
  const time = timeOf(value);
  if (time !== undefined) return new Date(time).toISOString();
  context.addIssue({
    code: 'custom',
    message:
      value === undefined
        ? 'missing'
        : 'not a time; use ISO 8601 such as 2027-01-31T12:00:00Z, seconds (10 digits) or milliseconds (13 digits) since 1970',
  });
  return z.NEVER;
});

/** A value, or a string that contains it as JSON. A string that is not JSON stays a string. */
export const json = z.unknown().transform((value) => unwrapped(value));

/** An object, or a string that contains it as JSON. */
export const jsonObject = z.unknown().transform((value, context): Record<string, unknown> => {
  const object = unwrapped(value);
  if (object === null) return {};
  if (typeof object === 'object' && !Array.isArray(object) && !isLosslessNumber(object)) {
    // Objects and arrays inside are not imported, so their numbers do not matter.
    const plain = Object.fromEntries(
      Object.entries(object).map(([name, inner]) => [name, isLosslessNumber(inner) ? withPlainNumbers(inner) : inner]),
    );
    const fault = ambiguousValue(plain, []);
    if (fault === undefined) return plain;
    context.addIssue({ code: 'custom', message: fault });
  } else context.addIssue({ code: 'custom', message: 'not an object or JSON of an object' });
  return z.NEVER;
});

/** Returns a name of the permitted length. It is cut between grapheme clusters, not inside one. */
export function fittingName(name: string | undefined, fallback: string): { name: string; without: string[] } {
  const trimmed = name?.trim() ?? '';
  if (trimmed === '') return { name: shortened(fallback), without: [] };
  return {
    name: shortened(trimmed),
    without: trimmed.length <= KEY_FIELDS.name.maxCharacters ? [] : ['the end of its name'],
  };
}

/** Returns the part of an issuer's metadata that Latchkey can store: strings, numbers and booleans with simple names. */
export function fittingMetadata(metadata: Readonly<Record<string, unknown>>): {
  metadata: Metadata;
  without: string[];
} {
  const fits: Record<string, MetadataValue> = {};
  const without: string[] = [];
  for (const [name, value] of Object.entries(metadata)) {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    const candidate = plain ? { ...fits, [name]: value } : fits;
    const short = Buffer.byteLength(JSON.stringify(candidate)) <= RECORD_SIZE_LIMITS.metadataBytes;
    const few = Object.keys(candidate).length <= RECORD_SIZE_LIMITS.metadataFields;
    if (plain && /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name) && short && few) fits[name] = value;
    else without.push(`metadata ${JSON.stringify(name)}`);
  }
  return { metadata: fits, without };
}

/** Whether an issuer's permissions, roles or the like contain anything. */
export function grantsAnything(permissions: unknown): boolean {
  if (permissions === undefined || permissions === null || permissions === '') return false;
  return typeof permissions === 'object' ? Object.keys(permissions).length > 0 : true;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Number.isSafeInteger(value)) return String(value);
  return isLosslessNumber(value) && /^-?[1-9]\d*$/.test(value.value) ? value.value : undefined;
}

function timeOf(value: unknown): number | undefined {
  const written = isLosslessNumber(value) ? value.value : typeof value === 'number' ? String(value) : value;
  if (typeof written !== 'string') return undefined;
  // Other numbers of digits, before September 2001 and after 2286, could be confused with each other or with a date.
  if (/^[1-9]\d{9}(?:\.\d{1,9})?$/.test(written)) return Math.floor(Number(written) * 1000);
  if (/^[1-9]\d{12}$/.test(written)) return Number(written);
  return parseIsoTime(withZone(written.trim()));
}

/** Converts a database's time to ISO 8601: with `T`, with minutes in the offset, and in UTC if there is no offset. */
function withZone(time: string): string {
  const [, date, clock, zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(time) ?? [];
  if (date === undefined || clock === undefined) return time;
  return `${date}T${clock}${zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_zone, hours: string, minutes = '00') => `${hours}:${String(minutes)}`)}`;
}

function unwrapped(value: unknown): unknown {
  let inner = value;
  for (let level = 0; level < JSON_LEVELS && typeof inner === 'string'; level++) {
    const parsed = parseJson(inner);
    if (parsed === undefined) break;
    inner = parsed;
  }
  return inner;
}

function shortened(text: string): string {
  if (text.length <= KEY_FIELDS.name.maxCharacters) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    if (kept.length + segment.length > KEY_FIELDS.name.maxCharacters) break;
    kept += segment;
  }
  return kept.trim();
}
