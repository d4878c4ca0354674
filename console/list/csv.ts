import type { KeyView } from '../api/keys.ts';
import type { DecidedStatus } from '../keys/decided-status.ts';

/** The part of a column of the list that a CSV file needs. */
interface CsvColumn {
  readonly header: string;
  readonly value: (record: KeyView, status: DecidedStatus | undefined) => string | number | null;
}

/** Returns keys as CSV (RFC 4180) with all columns, whether they are visible or not. */
export function csvOf(
  records: readonly KeyView[],
  columns: readonly CsvColumn[],
  statusOf: (record: KeyView) => DecidedStatus | undefined,
): string {
  const rows = records.map((record) => columns.map(({ value }) => value(record, statusOf(record))));
  return [columns.map(({ header }) => header), ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // Spreadsheets run a text that starts with one of these characters as a formula (OWASP, CSV injection).
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
