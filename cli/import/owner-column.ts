import { usageError } from '../errors.ts';
import type { Row } from './read-rows.ts';

/** The first row of a file without a header can contain a key, but keys are longer than this. */
const LONGEST_SHOWN = 19;

/**
 * Checks that the column of `--owner-field` exists. Otherwise all keys would be imported without an owner, and importing again
 * does not change them.
 *
 * @throws {CommandError} if no row has the column
 */
export function checkOwnerColumn(rows: readonly Row[], column: string): void {
  if (rows.some(({ fields }) => Object.hasOwn(fields, column))) return;
  const columns = new Set(rows.flatMap(({ fields }) => Object.keys(fields)));
  const shown = [...columns].filter((name) => name.length <= LONGEST_SHOWN);
  const longer = columns.size - shown.length;
  throw usageError(
    `--owner-field: no row has the column "${column}". Use one of ${[...shown, ...(longer === 0 ? [] : [`${String(longer)} with longer names`])].join(', ')}.`,
  );
}
