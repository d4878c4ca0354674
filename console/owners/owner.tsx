import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CacheFlush, OwnerView } from '../api/keys.ts';
import { FlushOutcome } from '../keys/flush-outcome.tsx';
import { KeyStatusIndicator } from '../keys/key-status.tsx';
import { Day, DayFromNow, Time } from '../keys/time.tsx';
import { listAddress } from '../list/list-state.ts';
import { useConsole } from '../layout/console-context.ts';
import { DangerButton } from '../layout/danger-button.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';
import { SuspendDialog } from './suspend-dialog.tsx';
import { ownerQuery } from './use-owner-states.ts';

/** Whether an owner is suspended, the owner's keys, and the buttons to suspend and resume. */
export function Owner({ ownerId }: { readonly ownerId: string }) {
  const { keys, settings } = useConsole();
  const queries = useQueryClient();
  const [suspending, setSuspending] = useState(false);
  /** The cache flush of a suspension on this page. */
  const [caches, setCaches] = useState<CacheFlush>();
  const owner = useQuery({
    queryKey: ownerQuery(ownerId),
    queryFn: () => keys.owner(ownerId),
    enabled: settings.ownerSuspension,
  });
  const resume = useMutation({
    mutationFn: () => keys.resume(ownerId),
    onSuccess: (resumed) => {
      setCaches(undefined);
      queries.setQueryData(ownerQuery(ownerId), resumed);
    },
  });
  const suspended = owner.data?.suspended;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          settings.readOnly || suspended === undefined ? undefined : suspended ? (
            <Button
              variant="primary"
              loading={resume.isPending}
              onClick={() => {
                resume.mutate();
              }}
            >
              Resume
            </Button>
          ) : (
            <DangerButton
              onClick={() => {
                setSuspending(true);
              }}
            >
              Suspend
            </DangerButton>
          )
        }
      >
        {ownerId}
      </Header>
      {resume.error !== null && <ProblemBox error={resume.error} attempt="The owner was not resumed" />}
      {suspended === true && (
        <Alert type="error" header="This owner is suspended">
          Requests with all keys of this owner are rejected.
        </Alert>
      )}
      {caches !== undefined && (
        <FlushOutcome
          subject={`keys of ${ownerId}`}
          caches={caches}
          retryText="Flush again"
          onRetry={() => keys.suspend(ownerId, '')}
        />
      )}
      <Container header={<Header variant="h2">Details</Header>}>
        {owner.error !== null ? (
          <ProblemBox error={owner.error} attempt="Couldn’t load the owner" onRetry={() => void owner.refetch()} />
        ) : settings.ownerSuspension ? (
          owner.data === undefined ? (
            <StatusIndicator type="loading">Loading</StatusIndicator>
          ) : (
            <OwnerDetails owner={owner.data} />
          )
        ) : (
          <Box color="text-body-secondary">
            This deployment can’t suspend owners. Set ownerSuspension in your CDK app to enable it.
          </Box>
        )}
      </Container>
      <OwnerKeys ownerId={ownerId} />
      {suspending && (
        <SuspendDialog
          ownerId={ownerId}
          onSuspended={setCaches}
          onClose={() => {
            setSuspending(false);
          }}
        />
      )}
    </SpaceBetween>
  );
}

function OwnerDetails({ owner }: { readonly owner: OwnerView }) {
  const { suspended, suspendedAt, suspendedBy, suspendedReason, resumedAt, resumedBy } = owner;
  return (
    <KeyValuePairs
      columns={3}
      minColumnWidth={190}
      items={[
        {
          label: 'Status',
          value: (
            <StatusIndicator type={suspended ? 'error' : 'success'}>
              {suspended ? 'Suspended' : 'Not suspended'}
            </StatusIndicator>
          ),
        },
        { label: suspended ? 'Suspended' : 'Last suspended', value: <Time at={suspendedAt} missing="Never" /> },
        { label: 'Reason', value: suspendedReason ?? '–' },
        { label: 'Suspended by', value: suspendedBy ?? '–' },
        ...(resumedAt === null ? [] : [{ label: 'Resumed', value: <Time at={resumedAt} /> }]),
        ...(resumedBy === null ? [] : [{ label: 'Resumed by', value: resumedBy }]),
      ]}
    />
  );
}

const PAGE_SIZE = 50;

function OwnerKeys({ ownerId }: { readonly ownerId: string }) {
  const { keys } = useConsole();
  const filter = { name: '', ownerId, status: 'any' } as const;
  const { data, error, refetch } = useQuery({
    queryKey: ['keys', 'list', filter, PAGE_SIZE, null],
    queryFn: () => keys.list(filter, PAGE_SIZE, null),
  });
  const records = data?.records ?? [];
  const more = data !== undefined && data.cursor !== null;
  return (
    <SpaceBetween size="m">
      {error !== null && <ProblemBox error={error} attempt="Couldn’t load keys" onRetry={() => void refetch()} />}
      <Table
        header={
          <Header
            variant="h2"
            counter={data === undefined ? '' : `(${String(records.length)}${more ? '+' : ''})`}
            actions={<Button href={`#${listAddress({ ownerId })}`}>Show in list</Button>}
          >
            Keys
          </Header>
        }
        items={records}
        trackBy="prefix"
        loading={data === undefined && error === null}
        loadingText="Loading keys"
        ariaLabels={{ tableLabel: `Keys of ${ownerId}` }}
        enableKeyboardNavigation
        columnDefinitions={[
          {
            id: 'name',
            header: 'Name',
            cell: ({ name, prefix }) => <Link href={`#/keys/${prefix}`}>{name}</Link>,
            isRowHeader: true,
          },
          { id: 'status', header: 'Status', cell: (record) => <KeyStatusIndicator record={record} /> },
          { id: 'prefix', header: 'Prefix', cell: ({ prefix }) => <code>{prefix}</code> },
          { id: 'expires', header: 'Expires', cell: ({ expiresAt }) => <Day at={expiresAt} missing="Never" /> },
          {
            id: 'lastUsed',
            header: 'Last used',
            cell: ({ lastUsedAt }) => <DayFromNow at={lastUsedAt} missing="Never" />,
          },
        ]}
        empty={<Box color="text-body-secondary">This owner has no keys.</Box>}
      />
    </SpaceBetween>
  );
}
