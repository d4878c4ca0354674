import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../src/storage/cursor.ts';
import { toItem } from '../../../src/storage/item.ts';
import { aRecord } from '../../support/storage/records.ts';

const text = fc.string({ minLength: 1 });
/** Like a key's prefix, or like the ids of imported keys. */
const keyId = fc.stringMatching(/^([0-9A-Za-z]{12}|drf\.[0-9A-Za-z]{8}|hash\.[0-9A-Za-z_-]{22})$/);
const asCursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  const ID = 'abcdefghijkl';

  it('decodes a cursor to its position, and encodes it safely for a URL', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), text), keyId, (sortKey, prefix) => {
        const cursor = encodeCursor({ sortKey, prefix });
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(cursor, typeof sortKey === 'number' ? 'N' : 'S')).toEqual({ sortKey, prefix });
      }),
    );
  });

  it('rejects a cursor of an index with another sort key type', () => {
    expect(decodeCursor(encodeCursor({ sortKey: 1, prefix: ID }), 'S')).toBeUndefined();
    expect(decodeCursor(encodeCursor({ sortKey: '1', prefix: ID }), 'N')).toBeUndefined();
  });

  it.each([
    [['a']],
    [['a', ID, ID]],
    [[1, ID, ID]],
    [{ 0: 'a', 1: ID, length: 2 }],
    ['ab'],
    [['a', '']],
    [['a', 7]],
    [[1, [ID]]],
    [['a', [ID]]],
    [['', ID]],
    [[['a'], ID]],
    [[{ length: 1 }, ID]],
    [[1.5, ID]],
    [[2 ** 53, ID]],
    [['x'.repeat(1025), ID]],
    [['ä'.repeat(513), ID]],
    [null],
    [7],
  ])('rejects a cursor that is made of %j', (value) => {
    expect(decodeCursor(asCursor(value), 'S')).toBeUndefined();
    expect(decodeCursor(asCursor(value), 'N')).toBeUndefined();
  });

  it('holds the longest name that an index accepts', () => {
    const position = { sortKey: 'ä'.repeat(512), prefix: ID };
    expect(decodeCursor(encodeCursor(position), 'S')).toEqual(position);
  });

  it('rejects a cursor that is not JSON', () => {
    expect(decodeCursor('nonsense', 'S')).toBeUndefined();
  });
});

describe('an item', () => {
  it('stores what the indexes need: the name in lower case, and the owner next to the label', () => {
    const record = aRecord({ name: 'Checkout Ä', ownerId: 'Acme' });
    expect(toItem(record, 10)).toEqual({ ...record, nameKey: 'checkout ä', ownerKey: 'lk_test#Acme', ttl: undefined });
    expect(toItem(aRecord(), 10)).toMatchObject({ ownerKey: undefined });
  });
});
