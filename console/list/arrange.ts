import type { KeyView } from '../api/keys.ts';
import type { DecidedStatus } from '../keys/decided-status.ts';
import type { KeyColumn } from './columns.tsx';
import type { ListState } from './list-state.ts';
import { matchesShow } from './show-filter.ts';

interface Arrangement {
  readonly columns: readonly KeyColumn[];
  readonly statusOf: (record: KeyView) => DecidedStatus | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Filters and sorts the loaded keys by what the server can't filter or sort by. */
export function arrange(
  records: readonly KeyView[],
  { contains, show, sort }: Pick<ListState, 'contains' | 'show' | 'sort'>,
  { columns, statusOf, now }: Arrangement,
): readonly KeyView[] {
  const text = contains.trim().toLowerCase();
  const found = records.filter(
    (record) => matchesShow(record, show, statusOf(record), now) && (text === '' || containsText(record, text)),
  );
  const column = columns.find(({ id }) => id === sort?.column);
  if (sort === undefined || column === undefined) return found;
  const keyed = found.map((record) => ({ record, value: column.value(record, statusOf(record)) }));
  return keyed
    .toSorted((one, other) => compareValues(one.value, other.value, sort.descending))
    .map(({ record }) => record);
}

/** Searches the fields that users know a key by. */
function containsText({ name, prefix, ownerId, plan, scopes, metadata }: KeyView, text: string): boolean {
  return [name, prefix, ownerId ?? '', plan ?? '', ...scopes, ...Object.values(metadata).map(String)].some((field) =>
    field.toLowerCase().includes(text),
  );
}

const COLLATOR = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Keys without a value come last in both orders. */
function compareValues(one: string | number | null, other: string | number | null, descending: boolean): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  const order =
    typeof one === 'number' && typeof other === 'number' ? one - other : COLLATOR.compare(String(one), String(other));
  return descending ? -order : order;
}
