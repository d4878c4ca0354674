import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { CacheFlush, IssuedKey } from '../api/keys.ts';
import { FlushOutcome } from './flush-outcome.tsx';

/** A key that has been issued and, where it has replaced one at once, what became of that. */
export interface KeyToShow extends IssuedKey {
  readonly ended?: { readonly prefix: string; readonly caches: CacheFlush };
}

interface IssuedKeyDialogProps {
  readonly issued: KeyToShow;
  /** Called when the operator has it: whoever holds it drops it then. */
  readonly onStored: () => void;
}

/** Shows a key, this once. Only its button closes it: nothing else must lose a key. */
export function IssuedKeyDialog({ issued, onStored }: IssuedKeyDialogProps) {
  const { key, record, message, ended } = issued;
  return (
    <Modal
      visible
      header={`The key of "${record.name}"`}
      size="large"
      // Escape, a click beside it and the cross come here.
      onDismiss={() => {
        if (key === null) onStored();
      }}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onStored}>
            {key === null ? 'Close' : 'I have stored the key'}
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="l">
        <Alert type="warning">{message}</Alert>
        {key !== null && (
          <SpaceBetween size="s">
            <Box variant="code" fontSize="heading-m">
              <span className="issued-key" data-testid="issued-key">
                {key}
              </span>
            </Box>
            <CopyToClipboard
              copyButtonText="Copy the key"
              copySuccessText="Copied"
              copyErrorText="It could not be copied: select it, and copy it yourself."
              textToCopy={key}
            />
          </SpaceBetween>
        )}
        {ended !== undefined && <FlushOutcome {...ended} retry="Revoke the old key" />}
      </SpaceBetween>
    </Modal>
  );
}
