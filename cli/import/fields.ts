import { isLosslessNumber } from 'lossless-json';
import { z } from 'zod';
import { LIMITS, type Metadata, type MetadataValue } from '../../src/core/keys/record.ts';
import { parseIsoTime } from '../../src/management/expiry.ts';
import { ambiguousValue } from './ambiguities.ts';
import { parseJson, withPlainNumbers } from './json.ts';

/** How databases and their tools write true and false. */
const TRUE = ['true', 't', '1', 'yes', 'y'];
const FALSE = ['false', 'f', '0', 'no', 'n'];

/** What a spreadsheet makes of a long number: most of the digits are lost. */
const EXPONENT = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i;
/** A whole number with decimals, as data frames write a column of integers that has gaps. */
const WHOLE_WITH_DECIMALS = /^[+-]?\d+[.,]0+$/;
/** What tools write for a value that is missing. As an owner's id it would give the keys of many owners to one. */
const NO_VALUE = /^(?:null|\\N|undefined|none|nan|#n\/a|\[object object\])$/i;
/** mongoexport's CSV form of an ObjectId. */
const OBJECT_ID = /^ObjectId\("?([0-9a-f]{24})"?\)$/i;

/** As deep as text that holds JSON text is read: some libraries serialize their metadata twice. */
const JSON_LEVELS = 3;

/** Makes a field optional. Databases and CSV have no `undefined`: null and empty cells mean that there is no value. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional());
}

/** Text, or a whole number with all of its digits. */
export const text = z.unknown().transform((value, context) => {
  const read = textOf(value);
  if (read !== undefined) return read;
  context.addIssue({ code: 'custom', message: value === undefined ? 'missing' : 'neither text nor a whole number' });
  return z.NEVER;
});

/** An id or a name: text that a spreadsheet has not changed, and that does not stand for a missing value. */
export const identifier = text.transform((value, context) => {
  const [, objectId] = OBJECT_ID.exec(value) ?? [];
  const message = identifierFault(value);
  if (message === undefined) return objectId ?? value;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** Why a text is not accepted as an id or a name, or `undefined` if it is. */
export function identifierFault(value: string): string | undefined {
  if (EXPONENT.test(value)) return 'a number in exponent form, which may have lost digits; export the column as text';
  if (WHOLE_WITH_DECIMALS.test(value)) return 'a whole number with decimals; export the column as text';
  return NO_VALUE.test(value) ? 'stands for a missing value; leave it empty if there is none' : undefined;
}

export const flag = z.unknown().transform((value, context) => {
  const spelled = ['boolean', 'number', 'string'].includes(typeof value) ? String(value).toLowerCase() : undefined;
  if (spelled !== undefined && TRUE.includes(spelled)) return true;
  if (spelled !== undefined && FALSE.includes(spelled)) return false;
  context.addIssue({ code: 'custom', message: 'neither true nor false; use true, false, t, f, yes, no, y, n, 1 or 0' });
  return z.NEVER;
});

/** A whole number from 0. */
export const count = z.unknown().transform((value, context) => {
  const read = textOf(value);
  if (read !== undefined && /^\d{1,15}$/.test(read)) return Number(read);
  context.addIssue({ code: 'custom', message: 'not a whole number from 0' });
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

/** A value, or text that holds it as JSON. Text that is not JSON stays text. */
export const json = z.unknown().transform((value) => unwrapped(value));

/** An object, or text that holds it as JSON. */
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
  } else context.addIssue({ code: 'custom', message: 'neither an object nor JSON of one' });
  return z.NEVER;
});

/** A name that fits into Latchkey's, cut between characters as people see them. */
export function fittingName(name: string | undefined, fallback: string): { name: string; without: string[] } {
  const trimmed = name?.trim() ?? '';
  if (trimmed === '') return { name: shortened(fallback), without: [] };
  return { name: shortened(trimmed), without: trimmed.length <= LIMITS.nameCharacters ? [] : ['the end of its name'] };
}

/** Of an issuer's metadata, what Latchkey can hold: strings, numbers and booleans under plain names. */
export function fittingMetadata(metadata: Readonly<Record<string, unknown>>): {
  metadata: Metadata;
  without: string[];
} {
  const fits: Record<string, MetadataValue> = {};
  const without: string[] = [];
  for (const [name, value] of Object.entries(metadata)) {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    const candidate = plain ? { ...fits, [name]: value } : fits;
    const short = Buffer.byteLength(JSON.stringify(candidate)) <= LIMITS.metadataBytes;
    const few = Object.keys(candidate).length <= LIMITS.metadataFields;
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
  // Later than 2286 and earlier than September 2001 they could be confused with each other, or with a date.
  if (/^[1-9]\d{9}(?:\.\d{1,9})?$/.test(written)) return Math.floor(Number(written) * 1000);
  if (/^[1-9]\d{12}$/.test(written)) return Number(written);
  return parseIsoTime(withZone(written.trim()));
}

/** A database's time as ISO 8601: `T` for the space, minutes for the offset, and UTC where there is no offset. */
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
  if (text.length <= LIMITS.nameCharacters) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    if (kept.length + segment.length > LIMITS.nameCharacters) break;
    kept += segment;
  }
  return kept.trim();
}
