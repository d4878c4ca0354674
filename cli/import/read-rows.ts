import { CsvError, parse } from 'csv-parse/sync';
import { usageError } from '../errors.ts';
import { decodeText, UNDECODED } from '../input/decode-text.ts';
import { parseJson, parseJsonOrFault } from './json.ts';

/** The format of a file. CSV has no types, so a cell can be a number that a spreadsheet has rounded. */
export type Format = 'csv' | 'json';

/** One row of the file that keys are imported from. */
export interface Row {
  /** Its number, counted from 1 and without a CSV header. */
  readonly row: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly format: Format;
}

/** The fields of a JSON object that may hold the list of keys: `aws apigateway get-api-keys` writes `items`. */
const LIST_FIELDS = ['items', 'keys', 'records', 'data', 'apikey', 'apikeys'];

/** The fields with the token of the next page, in the output of the AWS CLI and of the API. */
const TOKEN_FIELDS = ['NextToken', 'nextToken', 'position'];

/**
 * Reads the rows of a file.
 *
 * @param encoding a label of the WHATWG Encoding Standard. @default that of the byte order mark, or UTF-8
 * @throws {CommandError} if the bytes are not text in this encoding, naming the row, or as {@link readRows} does
 */
export function readFileRows(bytes: Uint8Array, encoding?: string): Row[] {
  const decoded = decodeText(bytes, encoding);
  if (!decoded.encoding.startsWith('utf-16') && bytes.includes(0))
    throw usageError(
      'The file contains NUL bytes, so it may be in UTF-16. Give its encoding, for example --encoding utf-16le.',
    );
  if ('text' in decoded) return readRows(decoded.text);
  const { line, damaged } = decoded;
  const place = placeOf(damaged);
  throw usageError(
    `Line ${String(line)}${place === undefined ? '' : ` (${place})`} is not valid ${decoded.encoding.toUpperCase()}. Give the encoding of the file, for example --encoding windows-1252.`,
  );
}

/**
 * Reads CSV with a header, a JSON array (also as a field of an object, as `aws apigateway get-api-keys` prints it), JSON
 * Lines, or what Django's dumpdata writes.
 *
 * @throws {CommandError} if the text has another format, is empty, or is ambiguous. The message
 * never repeats the text, which may hold keys.
 */
export function readRows(text: string): Row[] {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (start === '') throw usageError('The file is empty. Give a CSV or JSON file with at least one key.');
  const format = start.startsWith('[') || start.startsWith('{') ? 'json' : 'csv';
  const values = format === 'json' ? jsonValues(start) : csvValues(start);
  if (values.length === 0) throw usageError('The file has no rows. Give a CSV or JSON file with at least one key.');
  return values.map((value, index) => {
    const row = index + 1;
    if (!isObject(value)) throw usageError(`Row ${String(row)} is not an object.`);
    // Django's dumpdata nests the columns of a row.
    const { fields: nested } = value;
    const fields = isObject(nested) && 'model' in value ? { id: value['pk'], ...nested } : value;
    return { row, fields, format };
  });
}

function jsonValues(text: string): unknown[] {
  const whole = parseJsonOrFault(text);
  if ('value' in whole) {
    if (Array.isArray(whole.value)) return whole.value;
    return isObject(whole.value) ? listIn(whole.value) : [whole.value];
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // JSON Lines: each line is a value. If the first line isn't, the file is one value with a syntax error.
  if (parseJson(lines[0] ?? '') === undefined) {
    const { position } = whole;
    const where = position === undefined ? 'The file' : `Line ${String(text.slice(0, position).split('\n').length)}`;
    throw usageError(`${where} is not valid JSON.`);
  }
  return lines.map((line, index) => {
    const value = parseJson(line);
    if (value === undefined) throw usageError(`Row ${String(index + 1)} is not valid JSON.`);
    return value;
  });
}

function listIn(object: Record<string, unknown>): unknown[] {
  const names = LIST_FIELDS.filter((field) => Array.isArray(object[field]));
  if (names.length > 1)
    throw usageError(`The file has more than one list of keys: ${names.join(', ')}. Give a file with one of them.`);
  const list = object[names[0] ?? ''];
  if (!Array.isArray(list)) return [object];
  const token = TOKEN_FIELDS.find((field) => typeof object[field] === 'string');
  if (token !== undefined)
    throw usageError(
      `The file has a ${token}, so it is only the first part of a list. Export all of it, for example without --max-items, and import that file.`,
    );
  return list;
}

function csvValues(text: string): unknown[] {
  try {
    return parse(text, { columns: checkedHeader, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === 'CSV_RECORD_INCONSISTENT_COLUMNS')
      throw usageError(
        `Row ${String(Number(error['records']) + 1)} (line ${String(error['lines'])}) has more or fewer cells than the header has columns.`,
      );
    throw usageError(`Line ${String(error['lines'])}: expected JSON, or CSV with a header.`);
  }
}

/** @throws {CommandError} if a column has no name or is named `__proto__`, or two have the same but for case and spaces */
function checkedHeader(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  for (const [index, name] of header.entries()) {
    const [column, before] = [index + 1, seen.get(normalizedName(name))];
    if (normalizedName(name) === '') throw usageError(`Column ${String(column)} of the header has no name.`);
    // The CSV parser would set the prototype of the row, and the column's values would be lost.
    if (name === '__proto__')
      throw usageError(`Column ${String(column)} of the header has the name "__proto__". Rename or remove it.`);
    if (before !== undefined)
      throw usageError(
        `The header has the column ${shown(name)} twice: columns ${String(before)} and ${String(column)}. Remove one of them.`,
      );
    seen.set(normalizedName(name), column);
  }
  return [...header];
}

/** Returns the name of a column without differences that are easy to miss: case, spaces around it, and invisible characters. */
export function normalizedName(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/[\p{Cf}\p{Cc}]/gu, '')
    .trim()
    .toLowerCase();
}

/** The first row of a file without a header can contain a key, but keys are longer than this. */
function shown(name: string): string {
  return name.length < 20 ? JSON.stringify(name) : 'with a long name';
}

/** Returns the row and column of the bytes that can't be decoded, if the rest of the file can be read. */
function placeOf(damaged: string): string | undefined {
  try {
    for (const { row, fields } of readRows(damaged))
      for (const [name, value] of Object.entries(fields))
        if (JSON.stringify([name, value]).includes(UNDECODED)) return `row ${String(row)}, column ${shown(name)}`;
  } catch {
    // The line number is enough to find the bytes.
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
