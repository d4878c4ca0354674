import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvOf } from '../../../../src/core/text/csv.ts';

describe('CSV', () => {
  it('parses CSV to the cells that were written', () => {
    const cell = fc.string({ unit: 'grapheme' }).filter((text) => !/^[=+\-@\t\r\uFEFF]/.test(text));
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1 });
    fc.assert(
      fc.property(rows, (given) => {
        expect(parse(csvOf(given), { record_delimiter: '\r\n' })).toEqual(given);
      }),
    );
  });

  it.each(['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])(
    'writes no cell that starts with the character of a formula: %j',
    (formula) => {
      expect(parse(csvOf([[formula, 'x']]))).toEqual([[`'${formula}`, 'x']]);
    },
  );
});
