import { isKeyId } from '../core/keys/key-id.ts';

/** The longest sort key that DynamoDB accepts. */
const MAX_SORT_KEY_BYTES = 1024;

/** The position of a page's last entry in the index. */
export interface Position {
  readonly sortKey: string | number;
  readonly prefix: string;
}

/**
 * Returns a position as a string for the caller to send with the next request. It has no partition key: that comes from the
 * query, so even a forged cursor never leads to another label or owner.
 */
export function encodeCursor({ sortKey, prefix }: Position): string {
  return Buffer.from(JSON.stringify([sortKey, prefix])).toString('base64url');
}

/** Reads a cursor. Returns `undefined` if it is not one of an index with a sort key of this type. */
export function decodeCursor(cursor: string, sortType: 'S' | 'N'): Position | undefined {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(position) || position.length !== 2) return undefined;
    const [sortKey, prefix] = position as unknown[];
    if (typeof prefix !== 'string' || !isKeyId(prefix)) return undefined;
    // DynamoDB fails for a sort key that no record can have: its numbers have another range.
    if (sortType === 'N')
      return typeof sortKey === 'number' && Number.isSafeInteger(sortKey) ? { sortKey, prefix } : undefined;
    return typeof sortKey === 'string' && sortKey !== '' && Buffer.byteLength(sortKey) <= MAX_SORT_KEY_BYTES
      ? { sortKey, prefix }
      : undefined;
  } catch {
    return undefined;
  }
}
