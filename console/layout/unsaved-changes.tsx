import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import { useEffect, useState } from 'react';
import { DialogFooter } from './dialog-footer.tsx';
import { blockNavigation, navigate } from './hash-location.ts';
import { useUnloadWarning } from './unload-warning.ts';

/** Asks for confirmation before the user leaves a page with unsaved changes. */
export function UnsavedChanges({ present }: { readonly present: boolean }) {
  const [to, setTo] = useState<string>();
  useUnloadWarning(present);
  useEffect(() => (present ? blockNavigation(setTo) : undefined), [present]);
  if (to === undefined) return null;
  const stay = () => {
    setTo(undefined);
  };
  return (
    <Modal
      visible
      header="Leave without saving?"
      onDismiss={stay}
      footer={
        <DialogFooter cancelText="Keep editing" onCancel={stay}>
          <Button
            variant="primary"
            onClick={() => {
              navigate(to);
            }}
          >
            Leave
          </Button>
        </DialogFooter>
      }
    >
      <Box variant="p">Your changes on this page will be lost.</Box>
    </Modal>
  );
}
