import { isDeepStrictEqual } from 'node:util';
import type { PortableKey } from '../../src/management/portable.ts';
import { ambiguityIn } from './ambiguities.ts';
import type { Row } from './read-rows.ts';
import type { ReadingOptions, Source } from './source.ts';

/** A key to import, and its row. */
export interface ImportableKey {
  readonly row: number;
  readonly key: PortableKey;
  readonly without: readonly string[];
}

/** A row that can't be imported, and the reason. */
export interface Problem {
  readonly row: number;
  /** The key's id, if it has one. */
  readonly prefix: string | null;
  readonly reason: string;
}

/** The keys of a file, and the rows that can't be imported. */
export interface Plan {
  readonly keys: readonly ImportableKey[];
  readonly problems: readonly Problem[];
}

/** Reads every row. Sends and writes nothing. */
export function planImport(rows: readonly Row[], source: Source, options: ReadingOptions): Plan {
  const byPrefix = new Map<string, ImportableKey[]>();
  const problems: Problem[] = [];
  for (const one of rows) {
    const { row, fields, format } = one;
    const ambiguity = ambiguityIn(one);
    const reading = ambiguity === undefined ? source(fields, options, format) : { problem: ambiguity };
    if ('problem' in reading) problems.push({ row, prefix: null, reason: reading.problem });
    else byPrefix.set(reading.key.prefix, [...(byPrefix.get(reading.key.prefix) ?? []), { row, ...reading }]);
  }
  const unique = [...byPrefix.values()].flatMap((same) => {
    const { kept, rejected } = withoutDuplicates(same);
    problems.push(...rejected);
    return kept;
  });
  return { keys: unique, problems: problems.toSorted((one, other) => one.row - other.row) };
}

/** Rejects rows that repeat another one exactly. If rows with the same id differ, rejects all of them. */
function withoutDuplicates(same: readonly ImportableKey[]): {
  kept: readonly ImportableKey[];
  rejected: readonly Problem[];
} {
  const [first, ...others] = same;
  if (first === undefined || others.length === 0) return { kept: same, rejected: [] };
  const { prefix } = first.key;
  if (others.every(({ key }) => isDeepStrictEqual(key, first.key)))
    return {
      kept: [first],
      rejected: others.map(({ row }) => ({ row, prefix, reason: `row ${String(first.row)} has the same id` })),
    };
  const rows = same.map(({ row }) => String(row)).join(', ');
  const reason = `rows ${rows} have the same id and differ; remove the wrong ones`;
  return { kept: [], rejected: same.map(({ row }) => ({ row, prefix, reason })) };
}
