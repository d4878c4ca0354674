import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { KeyFilter } from '../api/keys.ts';
import { useConsole } from '../layout/console-context.ts';

/** One page of keys in the server's order: one request, for any number of keys. */
export function useKeyPage(filter: KeyFilter, pageSize: number, cursor: string | null, enabled: boolean) {
  const { keys } = useConsole();
  const queries = useQueryClient();
  const query = (at: string | null) => ({
    queryKey: ['keys', 'list', filter, pageSize, at],
    queryFn: () => keys.list(filter, pageSize, at),
  });
  const { data, error, isFetching, refetch } = useQuery({
    ...query(cursor),
    enabled,
    placeholderData: keepPreviousData,
  });
  /**
   * Returns the cursor of an earlier page. The API's cursors only lead forward, so this requests the pages from the first one
   * on. Pages that were shown before are in the cache.
   */
  const cursorOf = async (page: number): Promise<string | null> => {
    let at: string | null = null;
    for (let passed = 1; passed < page; passed++) {
      const next: string | null = (await queries.query({ ...query(at), staleTime: Infinity })).cursor;
      if (next === null) break;
      at = next;
    }
    return at;
  };
  return { records: data?.records ?? [], next: data?.cursor ?? null, error, isFetching, refetch, cursorOf };
}
