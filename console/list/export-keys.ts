import type { KeyFilter, Keys, KeyView } from '../api/keys.ts';

/** The most keys that one CSV file has. `latchkey export` has no limit. */
export const MAX_EXPORTED = 10_000;
const PAGE_SIZE = 100;

interface Exported {
  readonly records: readonly KeyView[];
  /** Whether there are keys that the file doesn't have. */
  readonly truncated: boolean;
}

/** Loads the keys that match a filter. */
export async function loadForExport(
  keys: Pick<Keys, 'list'>,
  filter: KeyFilter,
  onProgress: (loaded: number) => void,
): Promise<Exported> {
  const records: KeyView[] = [];
  let cursor: string | null = null;
  do {
    const page = await keys.list(filter, PAGE_SIZE, cursor);
    records.push(...page.records);
    cursor = page.cursor;
    onProgress(records.length);
  } while (cursor !== null && records.length < MAX_EXPORTED);
  return { records: records.slice(0, MAX_EXPORTED), truncated: cursor !== null || records.length > MAX_EXPORTED };
}
