import type { PortableKey } from '../../functions/manage/portable.ts';
import type { Row } from './read-rows.ts';
import type { ReadingOptions, Source } from './source.ts';

/** A key to be carried, and the row that it comes from. */
export interface Carried {
  readonly row: number;
  readonly key: PortableKey;
  readonly without: readonly string[];
}

/** A row that cannot be carried, and why. */
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
  const carried = new Map<string, Carried>();
  const problems: Problem[] = [];
  for (const { row, fields } of rows) {
    const reading = source(fields, options);
    if ('problem' in reading) {
      problems.push({ row, prefix: null, reason: reading.problem });
      continue;
    }
    const { prefix } = reading.key;
    const before = carried.get(prefix);
    if (before === undefined) carried.set(prefix, { row, ...reading });
    else problems.push({ row, prefix, reason: `row ${String(before.row)} has the same id` });
  }
  return { carried: [...carried.values()], problems };
}
