import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { KeyView } from '../api/keys.ts';
import { decidedStatus } from '../keys/decided-status.ts';
import { useConsole } from '../layout/console-context.ts';
import { download } from '../layout/download.ts';
import { ProblemBox } from '../layout/problem-box.tsx';
import { readOwnerStates } from '../owners/use-owner-states.ts';
import { arrange } from './arrange.ts';
import type { KeyColumn } from './columns.tsx';
import { csvOf } from './csv.ts';
import { loadForExport, MAX_EXPORTED } from './export-keys.ts';
import { filterOf, type ListState } from './list-state.ts';

interface ExportButtonProps {
  readonly state: ListState;
  readonly columns: readonly KeyColumn[];
}

/** Saves the keys that match the filters as a CSV file, in the order of the list. */
export function ExportButton({ state, columns }: ExportButtonProps) {
  const { keys, settings } = useConsole();
  const queries = useQueryClient();
  const [loaded, setLoaded] = useState(0);
  const [notice, setNotice] = useState(false);
  const save = useMutation({
    mutationFn: async () => {
      setLoaded(0);
      const { records, truncated } = await loadForExport(keys, filterOf(state), setLoaded);
      const ownerState = await readOwnerStates(records, { keys, settings, queries });
      const now = Date.now();
      const statusOf = (record: KeyView) => {
        const owner = ownerState(record.ownerId);
        const status = decidedStatus(record, settings, owner, now);
        // The file doesn't call a key active if its owner could not be read.
        return status === 'active' && owner === 'unknown' ? undefined : status;
      };
      const arranged = arrange(records, state, { columns, statusOf, now });
      download({ name: 'api-keys.csv', text: csvOf(arranged, columns, statusOf), type: 'text/csv' });
      return truncated;
    },
    onSettled: (truncated, error) => {
      setNotice(truncated === true || error !== null);
    },
  });
  const close = () => {
    setNotice(false);
  };
  return (
    <>
      <Button
        iconName="download"
        loading={save.isPending}
        loadingText={`Loading keys: ${loaded.toLocaleString('en')}`}
        onClick={() => {
          save.mutate();
        }}
      >
        Export CSV
      </Button>
      {notice && (
        <Modal
          visible
          header="Export CSV"
          onDismiss={close}
          footer={
            <Box float="right">
              <Button variant="primary" onClick={close}>
                Close
              </Button>
            </Box>
          }
        >
          {save.error !== null ? (
            <ProblemBox error={save.error} attempt="The keys were not exported" />
          ) : (
            <Alert type="warning">
              The file has the first {MAX_EXPORTED.toLocaleString('en')} keys. To export all keys, use the command{' '}
              <code>latchkey export</code>.
            </Alert>
          )}
        </Modal>
      )}
    </>
  );
}
