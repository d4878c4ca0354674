import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { CacheFlush } from '../api/keys.ts';
import { ProblemBox } from '../layout/problem-box.tsx';
import { useRevoke } from './use-revoke.ts';

interface FlushOutcomeProps {
  /** The key that has just been ended. */
  readonly prefix: string;
  readonly caches: CacheFlush;
  /** What revoking it is called, which is how its caches are flushed once more. */
  readonly retry: string;
}

/** Where API Gateway may still let a key in that has been ended, and what to do about it. */
export function FlushOutcome({ prefix, caches, retry }: FlushOutcomeProps) {
  const [{ flushed, failed }, setCaches] = useState(caches);
  const again = useRevoke(prefix, setCaches);
  return (
    <SpaceBetween size="s">
      {again.error !== null && <ProblemBox error={again.error} attempt="The caches were not flushed again" />}
      {failed.length > 0 && (
        <Alert
          type="warning"
          header={`${prefix} may still be let in`}
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
          The cached answers of {failed.join(', ')} could not be flushed. To revoke the key again tries it again.
        </Alert>
      )}
      <Box>
        <span role="status">
          {flushed.length === 0 ? 'No cached answers were flushed' : `Cached answers flushed: ${flushed.join(', ')}`}.
          Elsewhere <code>{prefix}</code> can be let in for up to the cache TTL.
        </span>
      </Box>
    </SpaceBetween>
  );
}
