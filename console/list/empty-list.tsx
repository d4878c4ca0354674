import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { FirstKey } from '../keys/first-key.tsx';

interface EmptyListProps {
  readonly filtered: boolean;
  /** Whether the server has keys that it has not searched yet. */
  readonly more: boolean;
  readonly onContinue: () => void;
  readonly onClear: () => void;
}

export function EmptyList({ filtered, more, onContinue, onClear }: EmptyListProps) {
  if (!filtered) return <FirstKey />;
  return (
    <Box textAlign="center" padding={{ vertical: 'l' }}>
      <SpaceBetween size="m">
        <div>
          <Box variant="strong">{more ? 'No matches so far' : 'No matching keys'}</Box>
          <Box color="text-body-secondary">
            {more ? 'Not all keys have been searched yet.' : 'The owner ID must match exactly.'}
          </Box>
        </div>
        <div className="centered-buttons">
          {more && (
            <Button variant="primary" onClick={onContinue}>
              Continue search
            </Button>
          )}
          <Button onClick={onClear}>Clear filters</Button>
        </div>
      </SpaceBetween>
    </Box>
  );
}
