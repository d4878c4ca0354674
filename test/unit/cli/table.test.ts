import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { keyTable } from '../../../cli/output/key.ts';
import { tableOf } from '../../../cli/output/table.ts';
import { viewOf, type KeyView } from '../../../src/management/view.ts';

const columns = [{ title: 'ID' }, { title: 'NAME', shrinks: true }, { title: 'OWNER', shrinks: true }];
const rows = [
  ['one', 'a rather long name that will not fit', 'acme'],
  ['two', '東京のチェックアウトサービス', 'another owner with a long id'],
];
const lines = (width: number) => tableOf(columns, rows, width).text.split('\n');

describe('a table', () => {
  it('fits a table into the width in any script', () => {
    for (const width of [120, 80, 60, 40, 30]) {
      for (const line of lines(width))
        expect(stringWidth(line), `${String(width)}: ${line}`).toBeLessThanOrEqual(width);
      expect(lines(width)).toHaveLength(3);
    }
  });

  it('shortens only shrinkable columns of a table, and marks shortened cells', () => {
    expect(lines(40).join('\n')).toMatch(/^ID +NAME +OWNER\none +a rather .*… +acme\ntwo/);
  });

  it('prints a table as tab-separated values if stdout is not a terminal', () => {
    const tabbed = [['ID', 'NAME', 'OWNER'], ...rows].map((row) => row.join('\t')).join('\n');
    expect(tableOf(columns, rows).text).toBe(tabbed);
    expect(tableOf(columns, [['a\tb', 'c', 'd']]).text).toContain('a\\tb\tc\td');
  });

  it('shortens no cell of a table if there is enough room', () => {
    const { text } = tableOf(columns, rows, Infinity);
    for (const cell of rows.flat()) expect(text).toContain(cell);
  });
});

describe('the table of keys', () => {
  const key = (prefix: string, metadata: KeyView['metadata']): KeyView =>
    viewOf(
      {
        prefix,
        label: 'lk',
        digest: 'sha256$',
        name: 'Checkout service of the shop in Tokyo',
        ownerId: 'customer-1234567890',
        scopes: [],
        metadata,
        createdAt: Date.UTC(2027, 0, 31, 12),
        expiresAt: Date.UTC(2028, 0, 31, 12),
        lastUsedAt: Date.UTC(2027, 1, 28, 12),
        version: 1,
      },
      Date.UTC(2027, 2, 1),
    );
  const imported = key('hash.0123456789abcdefABCDEF', { tenant: 'acme', colour: 'a rather bright green' });
  const own = key('4fQ9aZ0bT1xW', { tenant: 'acme' });
  const linesOf = (keys: KeyView[], attributes: string[], width: number) =>
    keyTable(keys, attributes, width).text.split('\n');

  it.each([80, 60, 40])(
    'fits the table of keys into %i columns, with long ids and attributes, and names the omitted columns',
    (width) => {
      for (const keys of [[own], [imported], [imported, own]])
        for (const attributes of [[], ['tenant', 'colour', 'department']]) {
          const lines = linesOf(keys, attributes, width);
          for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(width);
          expect(lines[0]).toMatch(/^PREFIX +NAME/);
          for (const [index, { prefix }] of keys.entries())
            expect(lines[index + 1]).toMatch(new RegExp(`^${prefix} +Ch`));
          const all = [
            'OWNER',
            'STATUS',
            'CREATED',
            'EXPIRES',
            'LAST USED',
            ...attributes.map((one) => one.toUpperCase()),
          ];
          const missing = all.filter((title) => !lines[0]?.includes(title.slice(0, 7)));
          expect(lines.at(-1)?.startsWith(`(no room for ${missing.join(', ')}`.slice(0, width - 1))).toBe(
            missing.length > 0,
          );
        }
    },
  );

  it('omits the last column of the table of keys first, and none if there is room', () => {
    expect(linesOf([imported], [], 80)[0]).toMatch(/^PREFIX +NAME +OWNER +STATUS +CREATED +EXPIRES$/);
    expect(linesOf([imported], [], 60)[0]).toMatch(/^PREFIX +NAME +OWNER +STATUS$/);
    expect(linesOf([imported], [], 40)[0]).toMatch(/^PREFIX +NAME$/);
    expect(linesOf([imported], ['tenant'], Infinity)[0]).toMatch(/LAST USED +TENANT$/);
  });
});
