import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useHashSearch } from '../layout/hash-location.ts';
import { Page } from '../layout/frame.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';
import { mayBeKey } from '../list/may-be-key.ts';
import { useKeyScan } from '../list/use-key-scan.ts';
import { Owner } from '../owners/owner.tsx';
import { ownerAddress, OwnerLink } from '../owners/owner-link.tsx';

/** An owner, with `?id=`, or the owners of the loaded keys. */
export function OwnersPage() {
  const id = new URLSearchParams(useHashSearch()).get('id');
  const owners = { text: 'Owners', href: '#/owners' };
  if (id === null)
    return (
      <Page path={[owners]}>
        <Owners />
      </Page>
    );
  return (
    <Page path={[owners, { text: id, href: `#${ownerAddress(id)}` }]}>
      <Owner key={id} ownerId={id} />
    </Page>
  );
}

const ALL_KEYS = { name: '', ownerId: '', status: 'any' } as const;

function Owners() {
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState('');
  const scan = useKeyScan(ALL_KEYS);
  const byOwner = Map.groupBy(
    scan.records.filter(({ ownerId }) => ownerId !== null),
    ({ ownerId }) => ownerId ?? '',
  );
  const rows = [...byOwner]
    .map(([ownerId, keys]) => ({
      ownerId,
      keys: keys.length,
      active: keys.filter(({ status }) => status === 'active').length,
    }))
    .toSorted((one, other) => other.keys - one.keys);
  const tooLong = mayBeKey(typed, 'ownerId');
  const ownerId = typed.trim();
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="The customers and teams that your keys belong to.">
        Owners
      </Header>
      <Container>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (ownerId !== '' && !tooLong) navigate(ownerAddress(ownerId));
          }}
        >
          <FormField
            label="Owner ID"
            description="Open the page of an owner."
            errorText={tooLong ? 'This may be a key, which is secret. Enter an owner ID.' : undefined}
            secondaryControl={<Button disabled={ownerId === '' || tooLong}>Open</Button>}
          >
            <Input
              value={typed}
              placeholder="acme"
              onChange={({ detail }) => {
                setTyped(detail.value);
              }}
            />
          </FormField>
        </form>
      </Container>
      {scan.error !== null && (
        <ProblemBox error={scan.error} attempt="Couldn’t load keys" onRetry={() => void scan.refetch()} />
      )}
      {scan.more && (
        <Alert
          type="info"
          action={
            <Button onClick={scan.loadMore} loading={scan.isLoadingMore}>
              Load more
            </Button>
          }
        >
          The table has the owners of the newest {scan.records.length.toLocaleString('en')} keys.
        </Alert>
      )}
      <Table
        header={<Header variant="h2">Owners of keys</Header>}
        items={rows}
        trackBy="ownerId"
        loading={!scan.loaded && scan.error === null}
        loadingText="Loading keys"
        ariaLabels={{ tableLabel: 'Owners of keys' }}
        enableKeyboardNavigation
        columnDefinitions={[
          {
            id: 'owner',
            header: 'Owner',
            cell: (row) => <OwnerLink ownerId={row.ownerId} />,
            isRowHeader: true,
          },
          { id: 'keys', header: 'Keys', cell: ({ keys }) => keys.toLocaleString('en') },
          { id: 'active', header: 'Not expired or revoked', cell: ({ active }) => active.toLocaleString('en') },
        ]}
        empty={<Box color="text-body-secondary">No key has an owner.</Box>}
      />
    </SpaceBetween>
  );
}
