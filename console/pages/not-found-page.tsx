import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import { Page } from '../layout/frame.tsx';

export function NotFoundPage() {
  return (
    <Page path={[{ text: 'Not found', href: '#' }]}>
      <Box variant="h1">Page not found</Box>
      <Link href="#/">Show all keys</Link>
    </Page>
  );
}
