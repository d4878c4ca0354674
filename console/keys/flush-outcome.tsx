import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { CacheFlush } from '../api/keys.ts';
import { ProblemBox } from '../layout/problem-box.tsx';
import { useRevoke } from './use-revoke.ts';

interface FlushOutcomeProps {
  /** The key that has just been revoked or rotated. */
  readonly prefix: string;
  readonly caches: CacheFlush;
  /** The label of the button that revokes it, which flushes the caches again. */
  readonly retry: string;
}

/** Shows where API Gateway can still allow a revoked key, and offers to flush again. */
export function FlushOutcome({ prefix, caches, retry }: FlushOutcomeProps) {
  const [{ flushed, pending, failed }, setCaches] = useState(caches);
  const again = useRevoke(prefix, setCaches);
  const unflushed = [...pending, ...failed];
  return (
    <SpaceBetween size="s">
      {again.error !== null && <ProblemBox error={again.error} attempt="The caches were not flushed again" />}
      {unflushed.length > 0 && (
        <Alert
          type="warning"
          header={`${prefix} can still be allowed by cached results`}
          action={
            <Button
              loading={again.isPending}
              loadingText="Revoking"
              onClick={() => {
                again.mutate('');
              }}
            >
              {retry}
            </Button>
          }
        >
          {pending.length > 0 && <div>Cache flush pending: {pending.join(', ')}.</div>}
          {failed.length > 0 && <div>Cache flush failed: {failed.join(', ')}.</div>}
          <div>Revoke the key again to retry the cache flush.</div>
        </Alert>
      )}
      <Box>
        <span role="status">
          {flushed.length === 0 ? 'No cache was flushed' : `Cache flushed: ${flushed.join(', ')}`}. On other stages a
          cached result can allow <code>{prefix}</code> for up to the cache TTL.
        </span>
      </Box>
    </SpaceBetween>
  );
}
