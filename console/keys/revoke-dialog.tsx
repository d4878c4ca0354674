import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { LIMITS } from '../../functions/domain/record.ts';
import type { KeyView } from '../api/keys.ts';
import { useConsole } from '../layout/console-context.ts';
import { DialogFooter } from '../layout/dialog-footer.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';
import { keyQuery } from './key-loader.tsx';

/** Ends a key for good, once its prefix has been typed. */
export function RevokeDialog({ record, onClose }: { readonly record: KeyView; readonly onClose: () => void }) {
  const { keys } = useConsole();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const revoke = useMutation({
    mutationFn: () => keys.revoke(record.prefix, reason),
    onSuccess: async (revoked) => {
      queries.setQueryData(keyQuery(revoked.prefix), revoked);
      await queries.invalidateQueries({ queryKey: ['keys', 'list'] });
      onClose();
    },
  });
  const confirmed = typed.trim() === record.prefix;
  return (
    <Modal
      visible
      header={`Revoke "${record.name}"?`}
      onDismiss={onClose}
      footer={
        <DialogFooter onCancel={onClose}>
          <Button
            variant="primary"
            form="revoke"
            disabled={!confirmed}
            loading={revoke.isPending}
            loadingText="Revoking"
          >
            Revoke
          </Button>
        </DialogFooter>
      }
    >
      <form
        id="revoke"
        onSubmit={(event) => {
          event.preventDefault();
          if (confirmed) revoke.mutate();
        }}
      >
        <SpaceBetween size="m">
          {revoke.error !== null && <ProblemBox error={revoke.error} attempt="The key was not revoked" />}
          <Alert type="warning">
            Whoever holds this key{record.ownerId === null ? '' : ` of ${record.ownerId}`} is let in no longer. This
            cannot be undone.
          </Alert>
          <FormField
            label={
              <>
                Reason <i>- optional</i>
              </>
            }
            description="For the record."
          >
            <Input
              value={reason}
              nativeInputAttributes={{ maxLength: LIMITS.reasonCharacters }}
              onChange={({ detail }) => {
                setReason(detail.value);
              }}
            />
          </FormField>
          <FormField label={`To confirm, type the prefix of the key: ${record.prefix}`}>
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
