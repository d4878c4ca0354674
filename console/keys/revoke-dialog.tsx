import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { CacheFlush, KeyView } from '../api/keys.ts';
import { DangerButton } from '../layout/danger-button.tsx';
import { DialogFooter } from '../layout/dialog-footer.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';
import { useRevoke } from './use-revoke.ts';
import { ReasonField } from './reason-field.tsx';

interface RevokeDialogProps {
  readonly record: KeyView;
  readonly onRevoked: (caches: CacheFlush) => void;
  readonly onClose: () => void;
}

/** Revokes a key after the user has typed its prefix. */
export function RevokeDialog({ record, onRevoked, onClose }: RevokeDialogProps) {
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const revoke = useRevoke(record.prefix, (caches) => {
    onRevoked(caches);
    onClose();
  });
  const confirmed = typed.trim() === record.prefix;
  return (
    <Modal
      visible
      header={`Revoke "${record.name}"?`}
      onDismiss={onClose}
      footer={
        <DialogFooter onCancel={onClose}>
          <DangerButton
            variant="primary"
            form="revoke"
            disabled={!confirmed}
            loading={revoke.isPending}
            loadingText="Revoking"
          >
            Revoke key
          </DangerButton>
        </DialogFooter>
      }
    >
      <form
        id="revoke"
        onSubmit={(event) => {
          event.preventDefault();
          if (confirmed) revoke.mutate(reason);
        }}
      >
        <SpaceBetween size="m">
          {revoke.error !== null && <ProblemBox error={revoke.error} attempt="The key was not revoked" />}
          <Alert type="warning">
            Requests with this key{record.ownerId === null ? '' : ` of ${record.ownerId}`} are rejected within about 8
            seconds on stages whose cache is flushed, and on other stages within the cache TTL. You can’t undo this.
          </Alert>
          <ReasonField storedWith="the key" value={reason} onChange={setReason} />
          <FormField label={`To confirm, type the key’s prefix: ${record.prefix}`}>
            <Input
              value={typed}
              placeholder={record.prefix}
              autoComplete={false}
              spellcheck={false}
              onChange={({ detail }) => {
                setTyped(detail.value);
              }}
            />
          </FormField>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
