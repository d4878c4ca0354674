import Box from '@cloudscape-design/components/box';

/** What is wrong with a list as a whole; nothing where nothing is. */
export function FaultLine({ fault }: { readonly fault: string | undefined }) {
  if (fault === undefined) return null;
  return (
    <Box color="text-status-error" padding={{ bottom: 's' }}>
      <span role="alert">{fault}</span>
    </Box>
  );
}
