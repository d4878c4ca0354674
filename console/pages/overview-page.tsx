import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import type { KeyView } from '../api/keys.ts';
import { FirstKey } from '../keys/first-key.tsx';
import { KeyStatusIndicator, STATUS_LABELS } from '../keys/key-status.tsx';
import { DayFromNow } from '../keys/time.tsx';
import { listAddress } from '../list/list-state.ts';
import { summaryOf } from '../list/key-summary.ts';
import { EXPIRING_DAYS, UNUSED_DAYS, type ShowFilter } from '../list/show-filter.ts';
import { useKeyScan } from '../list/use-key-scan.ts';
import { useConsole } from '../layout/console-context.ts';
import { Page } from '../layout/frame.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';
import { OwnerLink } from '../owners/owner-link.tsx';
import { MAX_OWNERS_READ, useDecidedStatuses } from '../owners/use-owner-states.ts';

const ALL_KEYS = { name: '', ownerId: '', status: 'any' } as const;

/** The number of keys by status, and the keys that need attention. */
export function OverviewPage() {
  const { settings } = useConsole();
  const scan = useKeyScan(ALL_KEYS);
  return (
    <Page path={[{ text: 'Overview', href: '#/overview' }]}>
      <SpaceBetween size="l">
        <Header
          variant="h1"
          description={<Bounds {...scan} loaded={scan.records.length} />}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                iconName="refresh"
                ariaLabel="Refresh"
                loading={scan.isFetching}
                onClick={() => void scan.refetch()}
              />
              {!settings.readOnly && (
                <Button variant="primary" href="#/create">
                  Create key
                </Button>
              )}
            </SpaceBetween>
          }
        >
          Overview
        </Header>
        {scan.error !== null && (
          <ProblemBox error={scan.error} attempt="Couldn’t load keys" onRetry={() => void scan.refetch()} />
        )}
        {scan.error === null && !scan.loaded && (
          <Box textAlign="center">
            <span role="status">
              <Spinner /> Loading keys
            </span>
          </Box>
        )}
        {scan.loaded &&
          (scan.records.length === 0 ? (
            <Container>
              <FirstKey />
            </Container>
          ) : (
            <Summary records={scan.records} />
          ))}
      </SpaceBetween>
    </Page>
  );
}

interface BoundsProps {
  readonly loaded: number;
  readonly more: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
}

/** Says how many keys the numbers include. */
function Bounds({ loaded, more, isLoadingMore, loadMore }: BoundsProps) {
  const count = loaded.toLocaleString('en');
  if (!more) return loaded === 0 ? '' : `All ${count} keys.`;
  return (
    <>
      The newest {count} keys. Older keys are not counted.{' '}
      <Button variant="inline-link" loading={isLoadingMore} onClick={loadMore}>
        Load more
      </Button>
    </>
  );
}

function Summary({ records }: { readonly records: readonly KeyView[] }) {
  const { settings } = useConsole();
  const statusOf = useDecidedStatuses(records);
  const { statuses, expiring, unused, recent, owners } = summaryOf(records, statusOf, Date.now());
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={
              settings.ownerSuspension && owners > MAX_OWNERS_READ
                ? `Suspension was checked for ${String(MAX_OWNERS_READ)} of ${owners.toLocaleString('en')} owners.`
                : undefined
            }
          >
            Keys by status
          </Header>
        }
      >
        <ColumnLayout columns={4} minColumnWidth={150} variant="text-grid">
          {statuses.map(({ status, count }) => (
            <Count
              key={status}
              label={STATUS_LABELS[status][1]}
              count={count}
              show={status === 'plan' || status === 'unenforced' ? 'misconfigured' : status}
            />
          ))}
          <Count label={`Expires within ${String(EXPIRING_DAYS)} days`} count={expiring.length} show="expiring" />
          <Count label={`Unused for ${String(UNUSED_DAYS)} days`} count={unused.length} show="unused" />
        </ColumnLayout>
      </Container>
      <KeyTable
        title="Expiring soon"
        records={expiring}
        show="expiring"
        time={{ header: 'Expires', of: ({ expiresAt }) => expiresAt }}
        empty={`No active key expires within ${String(EXPIRING_DAYS)} days.`}
      />
      <KeyTable
        title="Unused"
        records={unused}
        show="unused"
        time={{ header: 'Last used', of: ({ lastUsedAt }) => lastUsedAt }}
        empty={`Every active key was created or used in the last ${String(UNUSED_DAYS)} days.`}
      />
      <KeyTable
        title="Recently created"
        records={recent}
        show="any"
        time={{ header: 'Created', of: ({ createdAt }) => createdAt }}
        empty="No keys."
      />
    </SpaceBetween>
  );
}

function Count({ label, count, show }: { readonly label: string; readonly count: number; readonly show: ShowFilter }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <Link fontSize="display-l" href={`#${listAddress({ show })}`} ariaLabel={`${label}: ${String(count)}`}>
        {count.toLocaleString('en')}
      </Link>
    </div>
  );
}

interface KeyTableProps {
  readonly title: string;
  readonly records: readonly KeyView[];
  readonly show: ShowFilter;
  readonly time: { readonly header: string; readonly of: (record: KeyView) => string | null };
  readonly empty: string;
}

const ROWS = 5;

function KeyTable({ title, records, show, time, empty }: KeyTableProps) {
  return (
    <Table
      header={
        <Header
          variant="h2"
          counter={show === 'any' ? '' : `(${records.length.toLocaleString('en')})`}
          actions={records.length > ROWS ? <Button href={`#${listAddress({ show })}`}>Show all</Button> : undefined}
        >
          {title}
        </Header>
      }
      items={records.slice(0, ROWS)}
      trackBy="prefix"
      ariaLabels={{ tableLabel: title }}
      enableKeyboardNavigation
      columnDefinitions={[
        {
          id: 'name',
          header: 'Name',
          cell: ({ name, prefix }) => <Link href={`#/keys/${prefix}`}>{name}</Link>,
          isRowHeader: true,
        },
        { id: 'status', header: 'Status', cell: (record) => <KeyStatusIndicator record={record} /> },
        { id: 'time', header: time.header, cell: (record) => <DayFromNow at={time.of(record)} missing="Never" /> },
        { id: 'owner', header: 'Owner', cell: ({ ownerId }) => <OwnerLink ownerId={ownerId} /> },
      ]}
      empty={<Box color="text-body-secondary">{empty}</Box>}
    />
  );
}
