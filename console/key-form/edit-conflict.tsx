import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useEffect, useRef } from 'react';
import type { KeyView } from '../api/keys.ts';
import { timeInWords } from '../keys/time.tsx';
import { conflictRows } from './conflict-rows.ts';
import type { KeyDraft } from './draft.ts';

interface EditConflictProps {
  /** The key when the form was opened, and as another user has saved it since. */
  readonly opened: KeyView;
  readonly current: KeyView;
  /** The draft when the form was opened, and now. */
  readonly initial: KeyDraft;
  readonly draft: KeyDraft;
  readonly onDiscard: () => void;
}

/** Compares the user's changes with those that another user has saved since the form was opened. */
export function EditConflict({ opened, current, initial, draft, onDiscard }: EditConflictProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    box.current?.scrollIntoView({ block: 'center' });
  }, [current]);
  const rows = conflictRows({ opened, current, initial, draft });
  return (
    <div ref={box} tabIndex={-1} role="group" aria-label="Conflicting changes">
      <Alert
        type="warning"
        header="Someone else changed this key"
        action={
          <Button formAction="none" onClick={onDiscard}>
            Discard my changes
          </Button>
        }
      >
        <SpaceBetween size="s">
          <div>
            Your changes are not saved. If you save again, your values below replace the current ones. Other fields keep
            their current values.
          </div>
          <Table
            variant="borderless"
            wrapLines
            items={rows}
            trackBy="field"
            ariaLabels={{ tableLabel: 'Conflicting changes' }}
            columnDefinitions={[
              { id: 'field', header: 'Field', cell: ({ field }) => field, isRowHeader: true },
              { id: 'opened', header: 'Before', cell: ({ before }) => formatted(before) },
              { id: 'current', header: 'Current', cell: ({ theirs }) => formatted(theirs) },
              {
                id: 'yours',
                header: 'Yours',
                cell: ({ yours }) => (yours === undefined ? 'Not changed' : formatted(yours)),
              },
            ]}
            empty={<Box>No field differs.</Box>}
          />
        </SpaceBetween>
      </Alert>
    </div>
  );
}

function formatted(value: unknown): string {
  if (value === null || value === '' || value === undefined) return '–';
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT/.test(value) ? timeInWords(value) : value;
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(formatted).join(', ');
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    return entries.length === 0 ? '–' : entries.map(([name, entry]) => `${name}: ${formatted(entry)}`).join('; ');
  }
  return JSON.stringify(value);
}
