import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { KeyView } from '../api/keys.ts';
import { useConsole } from '../layout/console-context.ts';
import { DialogFooter } from '../layout/dialog-footer.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';
import { useIssue } from './use-issue.ts';

interface RotateDialogProps {
  readonly record: KeyView;
  readonly onClose: () => void;
}

const AT_ONCE = '0s';
const OVERLAPS = [
  { value: AT_ONCE, label: 'Not at all: it ends now' },
  { value: '1h', label: 'One hour' },
  { value: '24h', label: 'One day' },
  { value: '7d', label: 'A week' },
  { value: '30d', label: '30 days' },
];

/** Replaces a key by a new one. */
export function RotateDialog({ record, onClose }: RotateDialogProps) {
  const { keys } = useConsole();
  const [overlap, setOverlap] = useState('24h');
  const { error, busy, issue } = useIssue();
  const rotate = async () => {
    const rotated = await issue({ overlap }, async (request, token) => {
      const { caches, ...issued } = await keys.rotate(record.prefix, request.overlap, token);
      return request.overlap === AT_ONCE ? { ...issued, ended: { prefix: record.prefix, caches } } : issued;
    });
    if (rotated) onClose();
  };
  return (
    <Modal
      visible
      header={`Rotate "${record.name}"?`}
      onDismiss={onClose}
      footer={
        <DialogFooter onCancel={onClose}>
          <Button variant="primary" loading={busy} onClick={() => void rotate()}>
            Rotate
          </Button>
        </DialogFooter>
      }
    >
      <SpaceBetween size="m">
        {error !== null && <ProblemBox error={error} attempt="The key was not rotated" />}
        <Box variant="p">
          A new key with the same name, owner, scopes and limits takes its place. The old one goes on working for a
          while, so that whoever holds it can change over.
        </Box>
        <FormField label="How long the old key goes on working">
          <Select
            ariaLabel="How long the old key goes on working"
            options={OVERLAPS}
            selectedOption={OVERLAPS.find(({ value }) => value === overlap) ?? null}
            onChange={({ detail }) => {
              setOverlap(detail.selectedOption.value ?? AT_ONCE);
            }}
          />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
