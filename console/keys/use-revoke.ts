import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CacheFlush } from '../api/keys.ts';
import { useConsole } from '../layout/console-context.ts';
import { keyQuery } from './key-loader.tsx';

/** Revokes a key. Revoking it again doesn't change the key, but flushes the authorizer caches again. */
export function useRevoke(prefix: string, onRevoked: (caches: CacheFlush) => void) {
  const { keys } = useConsole();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => keys.revoke(prefix, reason),
    onSuccess: async ({ caches, ...record }) => {
      queries.setQueryData(keyQuery(prefix), record);
      await queries.invalidateQueries({ queryKey: ['keys', 'list'] });
      onRevoked(caches);
    },
  });
}
