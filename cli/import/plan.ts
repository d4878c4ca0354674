import { isDeepStrictEqual } from 'node:util';
import type { PortableKey } from '../../src/management/portable.ts';
import { ambiguityIn } from './ambiguities.ts';
import type { Row } from './read-rows.ts';
import type { ReadingOptions, Source } from './source.ts';

/** A key to be imported, and the row that it comes from. */
export interface Carried {
  readonly row: number;
  readonly key: PortableKey;
  readonly without: readonly string[];
}

/** A row that cannot be imported, and why. */
export interface Problem {
  readonly row: number;
  /** The key's id, if it has one. */
  readonly prefix: string | null;
  readonly reason: string;
}

/** What an import is going to do, as far as the file tells. */
export interface Plan {
  readonly carried: readonly Carried[];
  readonly problems: readonly Problem[];
}

/** Reads every row. Nothing is sent, nothing is written. */
export function planImport(rows: readonly Row[], source: Source, options: ReadingOptions): Plan {
  const carried = new Map<string, Carried[]>();
  const problems: Problem[] = [];
  for (const one of rows) {
    const { row, fields, format } = one;
    const ambiguity = ambiguityIn(one);
    const reading = ambiguity === undefined ? source(fields, options, format) : { problem: ambiguity };
    if ('problem' in reading) problems.push({ row, prefix: null, reason: reading.problem });
    else carried.set(reading.key.prefix, [...(carried.get(reading.key.prefix) ?? []), { row, ...reading }]);
  }
  const unique = [...carried.values()].flatMap((same) => {
    const { kept, refused } = withoutRepetition(same);
    problems.push(...refused);
    return kept;
  });
  return { carried: unique, problems: problems.toSorted((one, other) => one.row - other.row) };
}

/** A row that repeats another exactly is refused. If rows with the same id differ, none of them can be trusted. */
function withoutRepetition(same: readonly Carried[]): { kept: readonly Carried[]; refused: readonly Problem[] } {
  const [first, ...others] = same;
  if (first === undefined || others.length === 0) return { kept: same, refused: [] };
  const { prefix } = first.key;
  if (others.every(({ key }) => isDeepStrictEqual(key, first.key)))
    return {
      kept: [first],
      refused: others.map(({ row }) => ({ row, prefix, reason: `row ${String(first.row)} has the same id` })),
    };
  const rows = same.map(({ row }) => String(row)).join(', ');
  const reason = `rows ${rows} have the same id and differ; keep the one that is right`;
  return { kept: [], refused: same.map(({ row }) => ({ row, prefix, reason })) };
}
