import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { KeyView } from '../api/keys.ts';
import { problemOf } from '../api/problem.ts';
import { useConsole } from '../layout/console-context.ts';
import { ProblemBox } from '../layout/problem-box.tsx';

/** What a key is cached under. */
export function keyQuery(prefix: string): readonly string[] {
  return ['keys', 'one', prefix];
}

interface KeyLoaderProps {
  readonly prefix: string;
  readonly children: (record: KeyView, refresh: () => void) => ReactNode;
}

/** Reads a key, and says so while it does or when it cannot. */
export function KeyLoader({ prefix, children }: KeyLoaderProps) {
  const { keys } = useConsole();
  const { data, error, refetch } = useQuery({ queryKey: keyQuery(prefix), queryFn: () => keys.get(prefix) });
  const refresh = () => void refetch();
  // What is there stays, with all that was done on it: that a later reading fails takes no draft away.
  if (data !== undefined)
    return (
      <>
        {error !== null && (
          <Box padding={{ bottom: 'l' }}>
            <ProblemBox error={error} attempt="The key could not be read again" onRetry={refresh} />
          </Box>
        )}
        {children(data, refresh)}
      </>
    );
  if (error === null)
    return (
      <Box textAlign="center" padding={{ vertical: 'xxl' }}>
        <span role="status">
          <Spinner size="large" /> Loading the key
        </span>
      </Box>
    );
  if (problemOf(error).code === 'not_found' || problemOf(error).code === 'invalid_input')
    return (
      <Box textAlign="center" padding={{ vertical: 'xxl' }}>
        <Box variant="h1">No key has this prefix</Box>
        <Box variant="p" color="text-body-secondary">
          There is none with the prefix <code>{prefix}</code> here, or it ended so long ago that it has been cleaned up.
        </Box>
        <Button href="#/">To the list of keys</Button>
      </Box>
    );
  return <ProblemBox error={error} attempt="The key could not be read" onRetry={refresh} />;
}
