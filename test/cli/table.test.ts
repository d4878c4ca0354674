import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { tableOf } from '../../cli/output/table.ts';

const columns = [{ title: 'ID' }, { title: 'NAME', shrinks: true }, { title: 'OWNER', shrinks: true }];
const rows = [
  ['one', 'a rather long name that will not fit', 'acme'],
  ['two', '東京のチェックアウトサービス', 'another owner with a long id'],
];
const lines = (width: number) => tableOf(columns, rows, width).split('\n');

describe('a table', () => {
  it('fits the width, whatever the letters', () => {
    for (const width of [120, 80, 60, 40, 30]) {
      for (const line of lines(width))
        expect(stringWidth(line), `${String(width)}: ${line}`).toBeLessThanOrEqual(width);
      expect(lines(width)).toHaveLength(3);
    }
  });

  it('cuts short what may be, visibly, and nothing else', () => {
    expect(lines(40).join('\n')).toMatch(/^ID +NAME +OWNER\none +a rather .*… +acme\ntwo/);
  });

  it('cuts nothing where there is no terminal, or room', () => {
    const text = tableOf(columns, rows, Infinity);
    for (const cell of rows.flat()) expect(text).toContain(cell);
  });
});
