import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CacheFlush } from '../api/keys.ts';
import { ProblemBox } from '../layout/problem-box.tsx';

interface FlushOutcomeProps {
  /** What the caches can still allow, such as "the key 4fQ9aZ0bT1xW". */
  readonly subject: string;
  readonly caches: CacheFlush;
  readonly retryText: string;
  /** Repeats the operation, which flushes the caches again. */
  readonly onRetry: () => Promise<{ readonly caches: CacheFlush }>;
}

/** Shows which authorizer caches can still allow requests, and offers to flush them again. */
export function FlushOutcome({ subject, caches, retryText, onRetry }: FlushOutcomeProps) {
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: onRetry,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  });
  const { flushed, pending, failed } = again.data?.caches ?? caches;
  return (
    <SpaceBetween size="s">
      {again.error !== null && <ProblemBox error={again.error} attempt="The caches were not flushed" />}
      {pending.length + failed.length > 0 && (
        <Alert
          type="warning"
          header={`Cached results can still allow ${subject}`}
          action={
            <Button
              loading={again.isPending}
              loadingText="Flushing"
              onClick={() => {
                again.mutate();
              }}
            >
              {retryText}
            </Button>
          }
        >
          {pending.length > 0 && <div>Cache flush pending: {pending.join(', ')}.</div>}
          {failed.length > 0 && <div>Cache flush failed: {failed.join(', ')}.</div>}
        </Alert>
      )}
      <Box>
        <span role="status">
          {flushed.length === 0 ? 'No cache was flushed' : `Cache flushed: ${flushed.join(', ')}`}. On other stages,
          cached results can allow {subject} for up to the cache TTL.
        </span>
      </Box>
    </SpaceBetween>
  );
}
