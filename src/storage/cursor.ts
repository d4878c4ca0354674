import { isKeyId } from '../core/keys/key-id.ts';

/** The longest sort key that DynamoDB takes. */
const MAX_SORT_KEY_BYTES = 1024;

/** Where a page of a list ended: the last entry's place in the index. */
export interface Position {
  readonly sortKey: string | number;
  readonly prefix: string;
}

/**
 * A position as a text for the caller to hand back. It holds no partition key: that comes from the query, so
 * a cursor, even a forged one, never leads out of the label and owner that are asked for.
 */
export function encodeCursor({ sortKey, prefix }: Position): string {
  return Buffer.from(JSON.stringify([sortKey, prefix])).toString('base64url');
}

/** Reads a cursor back, or answers `undefined` if it is none for an index sorted by that type. */
export function decodeCursor(cursor: string, sortType: 'S' | 'N'): Position | undefined {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(position) || position.length !== 2) return undefined;
    const [sortKey, prefix] = position as unknown[];
    if (typeof prefix !== 'string' || !isKeyId(prefix)) return undefined;
    // What no record could have, DynamoDB may refuse with an error: numbers have a range of their own there.
    if (sortType === 'N')
      return typeof sortKey === 'number' && Number.isSafeInteger(sortKey) ? { sortKey, prefix } : undefined;
    return typeof sortKey === 'string' && sortKey !== '' && Buffer.byteLength(sortKey) <= MAX_SORT_KEY_BYTES
      ? { sortKey, prefix }
      : undefined;
  } catch {
    return undefined;
  }
}
