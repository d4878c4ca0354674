import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { KeyFilter } from '../api/keys.ts';
import { columnsOf } from '../keys/columns.tsx';
import { KeyFilterBar } from '../keys/filter-bar.tsx';
import { useListPreferences } from '../keys/list-preferences.ts';
import { useConsole } from '../layout/console-context.ts';
import { Page } from '../layout/frame.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';

/** Where in the list the operator is. */
export interface ListPlace {
  readonly filter: KeyFilter;
  /** The cursors of the pages seen so far; the first has none. */
  readonly cursors: readonly (string | null)[];
  /** Which of them is shown. */
  readonly index: number;
}

const NO_FILTER: KeyFilter = { name: '', ownerId: '', status: 'any' };
export const FIRST_PAGE: ListPlace = { filter: NO_FILTER, cursors: [null], index: 0 };

interface ListPageProps {
  readonly place: ListPlace;
  readonly onMove: (place: ListPlace | ((before: ListPlace) => ListPlace)) => void;
}

/** All keys, a page at a time: the server is asked for one page whatever the number of keys. */
export function ListPage({ place, onMove }: ListPageProps) {
  const { keys, attributes, settings } = useConsole();
  const [preferences, setPreferences] = useListPreferences(attributes);
  const columns = useMemo(() => columnsOf(attributes), [attributes]);
  const { filter, cursors, index } = place;
  const { pageSize } = preferences;
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['keys', 'list', filter, pageSize, cursors[index]],
    queryFn: () => keys.list(filter, pageSize, cursors[index] ?? null),
    placeholderData: keepPreviousData,
  });
  const filtered = filter.name !== '' || filter.ownerId !== '' || filter.status !== 'any';
  const next = data?.cursor ?? null;
  const known = next === null || index + 1 < cursors.length ? cursors : [...cursors, next];
  const records = data?.records ?? [];
  const refresh = () => void refetch();

  return (
    <Page contentType="table">
      <SpaceBetween size="m">
        {settings.readOnly && (
          <Alert type="info" header="Keys are only looked at here">
            This deployment reads a copy of the table. Keys are created, changed and revoked in the Region that writes
            it.
          </Alert>
        )}
        {error !== null && <ProblemBox error={error} attempt="The keys could not be listed" onRetry={refresh} />}
        <Table
          variant="full-page"
          stickyHeader
          resizableColumns
          columnDefinitions={columns}
          columnDisplay={preferences.columns}
          items={records}
          trackBy="prefix"
          loading={isFetching && records.length === 0}
          loadingText="Loading keys"
          enableKeyboardNavigation
          ariaLabels={{ tableLabel: 'API keys' }}
          header={
            <Header
              variant="awsui-h1-sticky"
              description={`${filtered ? '' : 'Newest first. '}Dates are in UTC.`}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button iconName="refresh" ariaLabel="Refresh" onClick={refresh} loading={isFetching} />
                  {!settings.readOnly && (
                    <Button variant="primary" href="#/create">
                      Create key
                    </Button>
                  )}
                </SpaceBetween>
              }
            >
              API keys
            </Header>
          }
          filter={
            <KeyFilterBar
              filter={filter}
              onChange={(changed) => {
                onMove((before) => ({ ...FIRST_PAGE, filter: { ...before.filter, ...changed } }));
              }}
            />
          }
          pagination={
            <Pagination
              currentPageIndex={index + 1}
              pagesCount={known.length}
              openEnd={next !== null && index + 1 === known.length}
              disabled={isFetching}
              ariaLabels={{ paginationLabel: 'Pages of keys' }}
              onChange={({ detail }) => {
                onMove({ filter, cursors: known, index: detail.currentPageIndex - 1 });
              }}
            />
          }
          preferences={
            <CollectionPreferences
              title="Preferences"
              confirmLabel="Confirm"
              cancelLabel="Cancel"
              preferences={{ pageSize, contentDisplay: preferences.columns }}
              pageSizePreference={{
                title: 'Keys on a page',
                options: [20, 50, 100].map((value) => ({ value, label: `${String(value)} keys` })),
              }}
              contentDisplayPreference={{
                title: 'Columns',
                options: columns.map(({ id, header }) => ({
                  id,
                  label: header,
                  alwaysVisible: id === 'name',
                })),
              }}
              onConfirm={({ detail }) => {
                setPreferences({
                  pageSize: detail.pageSize ?? pageSize,
                  columns: detail.contentDisplay ?? preferences.columns,
                });
                onMove({ ...FIRST_PAGE, filter });
              }}
            />
          }
          empty={
            error === null ? (
              <EmptyList
                filtered={filtered}
                more={next !== null}
                onGoOn={() => {
                  onMove({ filter, cursors: known, index: index + 1 });
                }}
                onClear={() => {
                  onMove(FIRST_PAGE);
                }}
              />
            ) : (
              <Box color="text-body-secondary">No answer, no keys.</Box>
            )
          }
        />
      </SpaceBetween>
    </Page>
  );
}

interface EmptyListProps {
  readonly filtered: boolean;
  /** Whether there are keys that have not been looked through. */
  readonly more: boolean;
  readonly onGoOn: () => void;
  readonly onClear: () => void;
}

function EmptyList({ filtered, more, onGoOn, onClear }: EmptyListProps) {
  const { settings } = useConsole();
  if (filtered)
    return (
      <Box textAlign="center" padding={{ vertical: 'l' }}>
        <SpaceBetween size="m">
          <div>
            <Box variant="strong">{more ? 'None so far' : 'No key matches'}</Box>
            <Box color="text-body-secondary">
              {more
                ? 'There are keys that have not been looked through yet.'
                : 'The name is matched from its beginning, the owner in full.'}
            </Box>
          </div>
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            {more && (
              <Button variant="primary" onClick={onGoOn}>
                Look further
              </Button>
            )}
            <Button onClick={onClear}>Clear filters</Button>
          </SpaceBetween>
        </SpaceBetween>
      </Box>
    );
  return (
    <Box textAlign="center" padding={{ vertical: 'xxl' }}>
      <SpaceBetween size="m">
        <div>
          <Box variant="h2">No keys yet</Box>
          <Box color="text-body-secondary">A key opens your API to one client, for as much as its scopes say.</Box>
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
