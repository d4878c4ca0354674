import { usageError } from '../errors.ts';
import type { Row } from './read-rows.ts';

/** In a file without a head its first row passes for one, and may hold a key. No key is so short. */
const LONGEST_SHOWN = 19;

/**
 * A column that is not there would leave every key without an owner, for good: what has been imported is not imported again.
 *
 * @throws {CommandError} if no row has the column
 */
export function checkOwnerColumn(rows: readonly Row[], column: string): void {
  if (rows.some(({ fields }) => Object.hasOwn(fields, column))) return;
  const columns = new Set(rows.flatMap(({ fields }) => Object.keys(fields)));
  const shown = [...columns].filter((name) => name.length <= LONGEST_SHOWN);
  const longer = columns.size - shown.length;
  throw usageError(
    `No row has the column "${column}" of --owner-field; there are: ${[...shown, ...(longer === 0 ? [] : [`${String(longer)} with longer names`])].join(', ')}.`,
  );
}
