import Box from '@cloudscape-design/components/box';

/** Shows an error of a group of fields as a whole. */
export function GroupError({ error }: { readonly error: string | undefined }) {
  if (error === undefined) return null;
  return (
    <Box color="text-status-error" padding={{ bottom: 's' }}>
      <span role="alert">{error}</span>
    </Box>
  );
}
