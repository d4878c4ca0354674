import Alert from '@cloudscape-design/components/alert';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CacheFlush } from '../api/keys.ts';
import { useConsole } from '../layout/console-context.ts';
import { DangerButton } from '../layout/danger-button.tsx';
import { DialogFooter } from '../layout/dialog-footer.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';
import { ownerQuery } from './use-owner-states.ts';
import { ReasonField } from '../keys/reason-field.tsx';

interface SuspendDialogProps {
  readonly ownerId: string;
  readonly onSuspended: (caches: CacheFlush) => void;
  readonly onClose: () => void;
}

/** Suspends an owner. */
export function SuspendDialog({ ownerId, onSuspended, onClose }: SuspendDialogProps) {
  const { keys } = useConsole();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const suspend = useMutation({
    mutationFn: () => keys.suspend(ownerId, reason),
    onSuccess: ({ caches, ...owner }) => {
      queries.setQueryData(ownerQuery(ownerId), owner);
      onSuspended(caches);
      onClose();
    },
  });
  return (
    <Modal
      visible
      header={`Suspend ${ownerId}?`}
      onDismiss={onClose}
      footer={
        <DialogFooter onCancel={onClose}>
          <DangerButton variant="primary" form="suspend" loading={suspend.isPending} loadingText="Suspending">
            Suspend owner
          </DangerButton>
        </DialogFooter>
      }
    >
      <form
        id="suspend"
        onSubmit={(event) => {
          event.preventDefault();
          suspend.mutate();
        }}
      >
        <SpaceBetween size="m">
          {suspend.error !== null && <ProblemBox error={suspend.error} attempt="The owner was not suspended" />}
          <Alert type="warning">
            Requests with all keys of this owner are rejected until you resume the owner. The keys are not changed.
          </Alert>
          <ReasonField storedWith="the owner" value={reason} onChange={setReason} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
