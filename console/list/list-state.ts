import { useCallback, useMemo } from 'react';
import type { KeyFilter } from '../api/keys.ts';
import { navigate, useHashSearch } from '../layout/hash-location.ts';
import { mayBeKey } from './may-be-key.ts';
import { isShowFilter, serverStatus, type ShowFilter } from './show-filter.ts';

/** The state of the list. It is in the URL, so that a reload, the Back button and a shared link keep it. */
export interface ListState {
  /** The start of the name, which the server searches for. */
  readonly name: string;
  /** Text that a field of the key contains. The console searches the loaded keys. */
  readonly contains: string;
  /** The complete owner ID. */
  readonly ownerId: string;
  readonly show: ShowFilter;
  /** `undefined` for the order in which the server returns keys. */
  readonly sort: Sort | undefined;
  /** From 1. */
  readonly page: number;
  /** The server's cursor of this page. `null` for the first page, and for keys that the console sorts or searches. */
  readonly cursor: string | null;
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export const NO_FILTERS = { name: '', contains: '', ownerId: '', show: 'any' } as const;
const FIRST_PAGE = { page: 1, cursor: null } as const;

/** Reads the state from the query of an address. Invalid values are replaced by the defaults. */
function parseListState(query: string): ListState {
  const parameters = new URLSearchParams(query);
  const text = (name: string, field: Parameters<typeof mayBeKey>[1]) => {
    const value = parameters.get(name) ?? '';
    return mayBeKey(value, field) ? '' : value;
  };
  const show = parameters.get('show') ?? 'any';
  const sort = /^(?<order>-?)(?<column>.+)$/.exec(parameters.get('sort') ?? '')?.groups;
  const page = Number(parameters.get('page') ?? 1);
  const cursor = parameters.get('cursor');
  const known = Number.isSafeInteger(page) && page > 1;
  return {
    name: text('name', 'name'),
    contains: text('contains', 'name'),
    ownerId: text('owner', 'ownerId'),
    show: isShowFilter(show) ? show : 'any',
    sort: sort?.['column'] === undefined ? undefined : { column: sort['column'], descending: sort['order'] === '-' },
    ...(known ? { page, cursor } : FIRST_PAGE),
  };
}

/** Returns the query of an address. Defaults are left out. */
function formatListState({ name, contains, ownerId, show, sort, page, cursor }: ListState): string {
  const parameters = {
    name,
    contains,
    owner: ownerId,
    show: show === 'any' ? '' : show,
    sort: sort === undefined ? '' : `${sort.descending ? '-' : ''}${sort.column}`,
    page: page === 1 ? '' : String(page),
    cursor: cursor ?? '',
  };
  return new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== '')).toString();
}

/** Returns the address of the list in a state. */
export function listAddress(state: Partial<ListState>): string {
  const query = formatListState({ ...NO_FILTERS, sort: undefined, ...FIRST_PAGE, ...state });
  return query === '' ? '/' : `/?${query}`;
}

export function useListState() {
  const query = useHashSearch();
  const state = useMemo(() => parseListState(query), [query]);
  /** Changes filters or the order, and goes to the first page. Filters change while the user types, so they add no history. */
  const change = useCallback((changed: Partial<ListState>) => {
    const current = parseListState(location.hash.split('?').slice(1).join('?'));
    navigate(listAddress({ ...current, ...FIRST_PAGE, ...changed }), { replace: true });
  }, []);
  const goTo = useCallback(
    (page: number, cursor: string | null) => {
      navigate(listAddress({ ...state, page, cursor }));
    },
    [state],
  );
  return { state, change, goTo };
}

export function filterOf({ name, ownerId, show }: Pick<ListState, 'name' | 'ownerId' | 'show'>): KeyFilter {
  return { name, ownerId, status: serverStatus(show) };
}

export function isFiltered({ name, contains, ownerId, show }: ListState): boolean {
  return name !== '' || contains !== '' || ownerId !== '' || show !== 'any';
}
