import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useMemo, useState } from 'react';
import type { KeyView } from '../api/keys.ts';
import { BulkRevokeDialog } from '../list/bulk-revoke-dialog.tsx';
import { columnsOf } from '../list/columns.tsx';
import { EmptyList } from '../list/empty-list.tsx';
import { ExportButton } from '../list/export-button.tsx';
import { KeyFilterBar } from '../list/filter-bar.tsx';
import { PAGE_SIZES, useListPreferences } from '../list/list-preferences.ts';
import { isFiltered, NO_FILTERS, useListState, type Sort } from '../list/list-state.ts';
import { ScanBounds } from '../list/scan-bounds.tsx';
import { serverOrder, useKeyList } from '../list/use-key-list.ts';
import { useConsole } from '../layout/console-context.ts';
import { DangerButton } from '../layout/danger-button.tsx';
import { Page } from '../layout/frame.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';
import { useNarrow } from '../layout/use-narrow.ts';

/** The list of keys. */
export function ListPage() {
  const { attributes, settings } = useConsole();
  const narrow = useNarrow();
  const [preferences, setPreferences] = useListPreferences(attributes);
  const columns = useMemo(() => columnsOf(attributes), [attributes]);
  const { state, change, goTo } = useListState();
  const { pageSize } = preferences;
  const { records, page, pages, openEnd, scan, error, isFetching, refresh, cursorOf } = useKeyList(
    state,
    pageSize,
    columns,
  );
  // Selected keys stay selected on other pages.
  const [selected, setSelected] = useState<readonly KeyView[]>([]);
  const [revoking, setRevoking] = useState(false);
  const sort = state.sort ?? serverOrder(state);

  return (
    <Page contentType="table">
      <SpaceBetween size="m">
        {settings.readOnly && (
          <Alert type="info" header="Read-only">
            This deployment reads a replica of the table. Create, change, and revoke keys in the primary Region.
          </Alert>
        )}
        {error !== null && <ProblemBox error={error} attempt="Couldn’t load keys" onRetry={refresh} />}
        <Table
          variant="full-page"
          stickyHeader
          resizableColumns
          columnDefinitions={columns.map(({ narrowWidth, ...column }) => ({
            ...column,
            sortingField: column.id,
            ...(narrow && narrowWidth !== undefined ? { width: narrowWidth } : {}),
          }))}
          columnDisplay={preferences.columns}
          items={records}
          trackBy="prefix"
          loading={isFetching && records.length === 0}
          loadingText={scan === undefined ? 'Loading keys' : 'Loading keys to sort and search'}
          enableKeyboardNavigation
          sortingColumn={{ sortingField: sort.column }}
          sortingDescending={sort.descending}
          onSortingChange={({ detail }) => {
            const chosen = {
              column: detail.sortingColumn.sortingField ?? '',
              descending: detail.isDescending ?? false,
            };
            change({ sort: isSame(chosen, serverOrder(state)) ? undefined : chosen });
          }}
          {...(settings.readOnly
            ? {}
            : {
                selectionType: 'multi' as const,
                selectedItems: selected,
                isItemDisabled: ({ status }: KeyView) => status === 'revoked',
                onSelectionChange: ({ detail }: { detail: { selectedItems: KeyView[] } }) => {
                  const elsewhere = selected.filter(({ prefix }) => !records.some((one) => one.prefix === prefix));
                  setSelected([...elsewhere, ...detail.selectedItems.filter(({ prefix }) => isOn(records, prefix))]);
                },
              })}
          ariaLabels={{
            tableLabel: 'API keys',
            selectionGroupLabel: 'Selected keys',
            allItemsSelectionLabel: () => 'Select all keys on this page',
            itemSelectionLabel: (_selection, { name }) => `Select ${name}`,
          }}
          header={
            <Header
              variant="awsui-h1-sticky"
              counter={selected.length === 0 ? '' : `(${String(selected.length)} selected)`}
              description={<ScanBounds scan={scan} />}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button iconName="refresh" ariaLabel="Refresh" onClick={refresh} loading={isFetching} />
                  <ExportButton state={state} columns={columns} />
                  {!settings.readOnly && (
                    <DangerButton
                      disabled={selected.length === 0}
                      onClick={() => {
                        setRevoking(true);
                      }}
                    >
                      Revoke
                    </DangerButton>
                  )}
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
          filter={<KeyFilterBar state={state} onChange={change} />}
          pagination={
            <Pagination
              currentPageIndex={page}
              pagesCount={pages}
              openEnd={openEnd}
              disabled={isFetching}
              ariaLabels={{ paginationLabel: 'Pages of keys' }}
              onChange={({ detail }) => {
                void cursorOf(detail.currentPageIndex).then((cursor) => {
                  goTo(detail.currentPageIndex, cursor);
                });
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
                title: 'Page size',
                options: PAGE_SIZES.map((value) => ({ value, label: `${String(value)} keys` })),
              }}
              contentDisplayPreference={{
                title: 'Columns',
                options: columns.map(({ id, header }) => ({ id, label: header, alwaysVisible: id === 'name' })),
              }}
              onConfirm={({ detail }) => {
                setPreferences({
                  pageSize: detail.pageSize ?? pageSize,
                  columns: detail.contentDisplay ?? preferences.columns,
                });
                change({});
              }}
            />
          }
          empty={
            error === null ? (
              <EmptyList
                filtered={isFiltered(state)}
                more={openEnd}
                onContinue={() => {
                  void cursorOf(page + 1).then((cursor) => {
                    goTo(page + 1, cursor);
                  });
                }}
                onClear={() => {
                  change(NO_FILTERS);
                }}
              />
            ) : (
              ''
            )
          }
        />
      </SpaceBetween>
      {revoking && (
        <BulkRevokeDialog
          records={selected}
          onClose={() => {
            setRevoking(false);
            setSelected([]);
          }}
        />
      )}
    </Page>
  );
}

function isOn(records: readonly KeyView[], prefix: string): boolean {
  return records.some((record) => record.prefix === prefix);
}

function isSame(one: Sort, other: Sort): boolean {
  return one.column === other.column && one.descending === other.descending;
}
