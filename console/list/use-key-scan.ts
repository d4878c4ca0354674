import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { KeyFilter } from '../api/keys.ts';
import { useConsole } from '../layout/console-context.ts';

/** How many keys are loaded at a time, with ten requests. */
export const SCAN_SIZE = 1000;

/** Loads many keys, to sort, search and count what the server can't. `more` says whether there are keys that are not loaded. */
export function useKeyScan(filter: KeyFilter, enabled = true) {
  const { keys } = useConsole();
  const { data, error, isFetching, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ['keys', 'scan', filter],
    queryFn: ({ pageParam }) => keys.list(filter, SCAN_SIZE, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    enabled,
    // A reload takes ten requests for each thousand keys.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
  const records = useMemo(() => data?.pages.flatMap((page) => page.records) ?? [], [data]);
  return {
    records,
    loaded: data !== undefined,
    more: hasNextPage,
    error,
    isFetching,
    isLoadingMore: isFetchingNextPage,
    loadMore: () => void fetchNextPage(),
    refetch,
  };
}
