import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { KeyView } from '../api/keys.ts';
import { problemOf } from '../api/problem.ts';
import { useConsole } from '../layout/console-context.ts';
import { ProblemBox } from '../layout/problem-box.tsx';

/** The cache key of a key. */
export function keyQuery(prefix: string): readonly string[] {
  return ['keys', 'one', prefix];
}

interface KeyLoaderProps {
  readonly prefix: string;
  readonly children: (record: KeyView, refresh: () => void) => ReactNode;
}

/** Reads a key, and shows the loading state and errors. */
export function KeyLoader({ prefix, children }: KeyLoaderProps) {
  const { keys } = useConsole();
  const { data, error, refetch } = useQuery({ queryKey: keyQuery(prefix), queryFn: () => keys.get(prefix) });
  const refresh = () => void refetch();
  // If a later read fails, the children stay, with what the user has typed.
  if (data !== undefined)
    return (
      <>
        {error !== null && (
          <Box padding={{ bottom: 'l' }}>
            <ProblemBox error={error} attempt="Couldn’t reload the key" onRetry={refresh} />
          </Box>
        )}
        {children(data, refresh)}
      </>
    );
  if (error === null)
    return (
      <Box textAlign="center" padding={{ vertical: 'xxl' }}>
        <span role="status">
          <Spinner size="large" /> Loading key
        </span>
      </Box>
    );
  if (problemOf(error).code === 'not_found' || problemOf(error).code === 'invalid_input')
    return (
      <Box textAlign="center" padding={{ vertical: 'xxl' }}>
        <Box variant="h1">Key not found</Box>
        <Box variant="p" color="text-body-secondary">
          No key has the prefix <code>{prefix}</code>. Keys are deleted some time after they expire or are revoked.
        </Box>
        <Button href="#/">Show all keys</Button>
      </Box>
    );
  return <ProblemBox error={error} attempt="Couldn’t load the key" onRetry={refresh} />;
}
