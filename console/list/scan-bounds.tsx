import Button from '@cloudscape-design/components/button';
import { SCAN_SIZE } from './use-key-scan.ts';

interface ScanBoundsProps {
  /** `undefined` if the list has the server's order and filters, so that it has all keys. */
  readonly scan:
    | {
        readonly records: readonly unknown[];
        readonly found: number;
        readonly loaded: boolean;
        readonly more: boolean;
        readonly isLoadingMore: boolean;
        readonly loadMore: () => void;
      }
    | undefined;
}

/** Says among how many keys the console has sorted and searched, and offers to load more. */
export function ScanBounds({ scan }: ScanBoundsProps) {
  if (scan === undefined) return 'Dates are in UTC.';
  if (!scan.loaded) return 'Loading keys to sort and search.';
  const count = (value: number) => value.toLocaleString('en');
  const found = `${count(scan.found)} of ${count(scan.records.length)} loaded keys.`;
  return (
    <>
      <span role="status">
        {scan.more ? `${found} There are more keys, which are not sorted or searched yet.` : found}
      </span>{' '}
      {scan.more && (
        <Button variant="inline-link" loading={scan.isLoadingMore} onClick={scan.loadMore}>
          Load {count(SCAN_SIZE)} more
        </Button>
      )}{' '}
      Dates are in UTC.
    </>
  );
}
