import Table from 'cli-table3';
import stringWidth from 'string-width';
import { line, lines, styled, terminalText, verbatim, type TerminalText, type Printable } from './terminal-text.ts';

export interface Column {
  readonly title: string;
  /** Whether its texts may be cut short to make the table fit. @default false */
  readonly shrinks?: boolean;
}

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
const GAP = 2;
const NARROWEST = 8;

/**
 * A table that fits the terminal: columns that may are cut short, evenly, and no further than can be read; where that is
 * not enough the last are left out, which it says. Where stdout is no terminal nothing is cut.
 *
 * @param columns the most important first
 * @param width how many characters a line holds @default as the terminal says
 */
export function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly Printable[])[],
  width = process.stdout.isTTY ? process.stdout.columns : Infinity,
): TerminalText {
  const cells = rows.map((row) => row.map((cell) => terminalText(cell).text));
  const natural = columns.map(({ title }, index) =>
    Math.max(stringWidth(terminalText(title).text), ...cells.map((row) => stringWidth(row[index] ?? ''))),
  );
  const shown = columns.slice(0, howManyFit(columns, natural, width));
  const table = new Table({
    head: shown.map(({ title }) => styled('bold', title).text),
    colWidths: fit(shown, natural, width),
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  table.push(...cells.map((row) => row.slice(0, shown.length)));
  const shownLines = table
    .toString()
    .split('\n')
    .map((text) => verbatim(text.trimEnd()));
  const left = columns.slice(shown.length).map(({ title }) => title);
  if (left.length > 0) shownLines.push(styled('dim', cut(`(no room for ${left.join(', ')})`, width)));
  return lines(shownLines);
}

/** Two columns of names and values, without a header. */
export function detailsOf(entries: readonly (readonly [name: string, value: Printable])[]): TerminalText {
  const longest = Math.max(...entries.map(([name]) => name.length));
  return lines(entries.map(([name, value]) => line`${styled('dim', name.padEnd(longest))}  ${value}`));
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** With all that may be cut short as short as can be; one is always shown. */
function howManyFit(columns: readonly Column[], natural: readonly number[], width: number): number {
  const narrowest = columns.map(({ shrinks }, index) => {
    const own = natural[index] ?? 0;
    return shrinks === true ? Math.min(own, NARROWEST) : own;
  });
  let count = columns.length;
  while (count > 1 && totalOf(narrowest.slice(0, count)) > width) count--;
  return count;
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, GAP * (widths.length - 1));
}

function fit(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = natural.slice(0, columns.length);
  while (totalOf(widths) > width) {
    const shrinking = columns.flatMap(({ shrinks }, index) => (shrinks === true ? [index] : []));
    const widest = shrinking.toSorted((one, other) => (widths[other] ?? 0) - (widths[one] ?? 0))[0];
    if (widest === undefined || (widths[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
