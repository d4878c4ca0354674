import Table from 'cli-table3';
import stringWidth from 'string-width';
import {
  line,
  lines,
  styled,
  tabbed,
  terminalText,
  verbatim,
  type TerminalText,
  type Printable,
} from './terminal-text.ts';

export interface Column {
  readonly title: string;
  /** Whether its cells can be shortened to make the table fit. @default false */
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
 * Returns a table that fits the terminal: columns that shrink are shortened evenly, and if that is not enough, the last columns
 * are left out, which the last line says. If stdout is not a terminal, returns tab-separated values with a header, and
 * shortens nothing.
 *
 * @param columns the most important ones first
 * @param width the number of characters in a line @default the width of the terminal
 */
export function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly Printable[])[],
  width = process.stdout.isTTY ? process.stdout.columns : undefined,
): TerminalText {
  if (width === undefined) return lines([columns.map(({ title }) => title), ...rows].map(tabbed));
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
  const omitted = columns.slice(shown.length).map(({ title }) => title);
  if (omitted.length > 0) shownLines.push(styled('dim', cut(`(no room for ${omitted.join(', ')})`, width)));
  return lines(shownLines);
}

/** Returns names and values in two columns, without a header. */
export function detailsOf(entries: readonly (readonly [name: string, value: Printable])[]): TerminalText {
  const longest = Math.max(...entries.map(([name]) => name.length));
  return lines(entries.map(([name, value]) => line`${styled('dim', name.padEnd(longest))}  ${value}`));
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Returns how many columns fit if all that shrink are as narrow as possible. At least one is shown. */
function howManyFit(columns: readonly Column[], natural: readonly number[], width: number): number {
  const narrowest = columns.map(({ shrinks }, index) => {
    const full = natural[index] ?? 0;
    return shrinks === true ? Math.min(full, NARROWEST) : full;
  });
  let count = columns.length;
  while (count > 1 && totalOf(narrowest.slice(0, count)) > width) count--;
  return count;
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1));
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
