import { useConsole } from '../layout/console-context.ts';
import { useDecidedStatuses } from '../owners/use-owner-states.ts';
import { arrange } from './arrange.ts';
import type { KeyColumn } from './columns.tsx';
import { filterOf, type ListState, type Sort } from './list-state.ts';
import { isServerFilter } from './show-filter.ts';
import { useKeyPage } from './use-key-page.ts';
import { useKeyScan } from './use-key-scan.ts';

/** The order in which the server returns keys: see src/storage/list-plan.ts. */
export function serverOrder({ name, ownerId }: Pick<ListState, 'name' | 'ownerId'>): Sort {
  return name.trim() !== '' && ownerId.trim() === ''
    ? { column: 'name', descending: false }
    : { column: 'created', descending: true };
}

/**
 * The keys of the list. In the server's order, each page is one request. To sort by other columns, to search for a text, and
 * for filters that the server doesn't have, the console loads keys by the thousand and arranges those.
 */
export function useKeyList(state: ListState, pageSize: number, columns: readonly KeyColumn[]) {
  const { settings } = useConsole();
  const needsScan = state.sort !== undefined || state.contains.trim() !== '' || !isServerFilter(state.show);
  const filter = filterOf(state);
  const page = useKeyPage(filter, pageSize, state.cursor, !needsScan);
  const scan = useKeyScan(filter, needsScan);
  const loaded = needsScan ? scan.records : page.records;
  const statusOf = useDecidedStatuses(settings.ownerSuspension && (needsScan || state.show !== 'any') ? loaded : []);
  const arranged = arrange(loaded, state, { columns, statusOf, now: Date.now() });
  const { error, isFetching, refetch } = needsScan ? scan : page;
  const shared = { error, isFetching, refresh: () => void refetch() };
  if (!needsScan)
    return {
      ...shared,
      records: arranged,
      page: state.page,
      pages: state.page,
      openEnd: page.next !== null,
      scan: undefined,
      cursorOf: (to: number) => (to === state.page + 1 ? Promise.resolve(page.next) : page.cursorOf(to)),
    };
  const pages = Math.max(1, Math.ceil(arranged.length / pageSize));
  const shownPage = Math.min(state.page, pages);
  return {
    ...shared,
    records: arranged.slice((shownPage - 1) * pageSize, shownPage * pageSize),
    page: shownPage,
    pages,
    openEnd: false,
    scan: { ...scan, found: arranged.length },
    cursorOf: () => Promise.resolve(null),
  };
}
