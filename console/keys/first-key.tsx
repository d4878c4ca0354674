import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useConsole } from '../layout/console-context.ts';

/** Shown where a deployment has no keys yet. */
export function FirstKey() {
  const { settings } = useConsole();
  return (
    <Box textAlign="center" padding={{ vertical: 'xxl' }}>
      <SpaceBetween size="m">
        <div>
          <Box variant="h2">No keys yet</Box>
          <Box color="text-body-secondary">
            Create a key for each client of your API. The key’s scopes and limits decide what the client can do.
          </Box>
        </div>
        {!settings.readOnly && (
          <Button variant="primary" href="#/create">
            Create the first key
          </Button>
        )}
      </SpaceBetween>
    </Box>
  );
}
