import { parse } from 'csv-parse/sync';
import { usageError } from '../errors.ts';

/** A row of the file that keys come in. */
export interface Row {
  /** Where it is, counted as people do: rows from 1, without a CSV's head. */
  readonly row: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Under which of these a JSON object has its list: `aws apigateway get-api-keys` says items. */
const LIST_FIELDS = ['items', 'keys', 'records', 'data', 'apikey', 'apikeys'];

/**
 * Reads CSV with a head, a JSON list (also one in an object, as `aws apigateway get-api-keys` answers), JSON
 * lines, or what Django's dumpdata writes.
 *
 * @throws {CommandError} if it is none of these. The text itself is not repeated: it may hold keys.
 */
export function readRows(text: string): Row[] {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  const values = start.startsWith('[') || start.startsWith('{') ? jsonValues(start) : csvValues(start);
  return values.map((value, index) => {
    if (!isObject(value)) throw usageError(`Row ${String(index + 1)} is not an object.`);
    // Django's dumpdata puts a row's columns one level down.
    const { fields } = value;
    return { row: index + 1, fields: isObject(fields) && 'model' in value ? { id: value['pk'], ...fields } : value };
  });
}

function jsonValues(text: string): unknown[] {
  const whole = parseJson(text);
  if (Array.isArray(whole)) return whole;
  if (isObject(whole)) {
    const list = LIST_FIELDS.map((field) => whole[field]).find((value) => Array.isArray(value));
    return Array.isArray(list) ? list : [whole];
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const value = parseJson(line);
      if (value === undefined) throw usageError(`Row ${String(index + 1)} is not JSON.`);
      return value;
    });
}

function csvValues(text: string): unknown[] {
  try {
    return parse(text, { columns: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    const line = error instanceof Error && 'lines' in error ? ` at line ${String(error.lines)}` : '';
    throw usageError(`The file is neither JSON nor CSV with a head${line}.`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
