import Table from 'cli-table3';
import stringWidth from 'string-width';
import { styled } from './screen.ts';

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
 * A table that fits the terminal: columns that may are cut short, evenly, and no further than can be read.
 * Where stdout is no terminal nothing is cut.
 *
 * @param width how many characters a line holds @default as the terminal says
 */
export function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = process.stdout.isTTY ? process.stdout.columns : Infinity,
): string {
  const table = new Table({
    head: columns.map(({ title }) => styled('bold', title)),
    colWidths: fit(columns, rows, width),
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Two columns of names and values, without a head. */
export function detailsOf(entries: readonly (readonly [name: string, value: string])[]): string {
  const longest = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${styled('dim', name.padEnd(longest))}  ${value}`).join('\n');
}

function fit(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(stringWidth(title), ...rows.map((row) => stringWidth(row[index] ?? ''))),
  );
  const total = () => widths.reduce((sum, one) => sum + one, GAP * (columns.length - 1));
  while (total() > width) {
    const shrinking = columns.flatMap(({ shrinks }, index) => (shrinks === true ? [index] : []));
    const widest = shrinking.toSorted((one, other) => (widths[other] ?? 0) - (widths[one] ?? 0))[0];
    if (widest === undefined || (widths[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
