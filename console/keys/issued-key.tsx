import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { CacheFlush, IssuedKey } from '../api/keys.ts';
import { useConsole } from '../layout/console-context.ts';
import { DialogFooter } from '../layout/dialog-footer.tsx';
import { download } from '../layout/download.ts';
import { useUnloadWarning } from '../layout/unload-warning.ts';
import { FlushOutcome } from './flush-outcome.tsx';
import { curlCommand, environmentFile, jsonFile } from './key-files.ts';

/** A new key. If it replaced a key immediately, `ended` says which authorizer caches were flushed. */
export interface KeyToShow extends IssuedKey {
  readonly ended?: { readonly prefix: string; readonly caches: CacheFlush };
}

interface IssuedKeyDialogProps {
  readonly issued: KeyToShow;
  /** Called when the key is no longer needed. */
  readonly onStored: () => void;
}

/** Shows a new key once. The dialog closes only after the user has confirmed that the key is stored. */
export function IssuedKeyDialog({ issued, onStored }: IssuedKeyDialogProps) {
  const { key, record, message, ended } = issued;
  const { keys } = useConsole();
  const [closing, setClosing] = useState(false);
  useUnloadWarning(key !== null);
  return (
    <Modal
      visible
      header={closing ? 'Close without storing the key?' : `Store the key of "${record.name}"`}
      size="large"
      onDismiss={() => {
        if (key === null) onStored();
        else setClosing((before) => !before);
      }}
      footer={
        closing ? (
          <DialogFooter
            cancelText="Back to the key"
            onCancel={() => {
              setClosing(false);
            }}
          >
            <Button variant="primary" onClick={onStored}>
              Close anyway
            </Button>
          </DialogFooter>
        ) : (
          <Box float="right">
            <Button variant="primary" onClick={onStored}>
              {key === null ? 'Close' : 'I have stored the key'}
            </Button>
          </Box>
        )
      }
    >
      {closing ? (
        <Box variant="p">
          The key can’t be shown again. If you haven’t stored it, you have to rotate it to get a new one.
        </Box>
      ) : (
        <SpaceBetween size="l">
          <Alert type="warning">{message}</Alert>
          {key !== null && <NewKey value={key} record={record} />}
          {ended !== undefined && (
            <FlushOutcome
              subject={`the old key ${ended.prefix}`}
              caches={ended.caches}
              retryText="Flush again"
              onRetry={() => keys.revoke(ended.prefix, '')}
            />
          )}
        </SpaceBetween>
      )}
    </Modal>
  );
}

function NewKey({ value, record }: { readonly value: string; readonly record: IssuedKey['record'] }) {
  return (
    <SpaceBetween size="l">
      <SpaceBetween size="s">
        <Box variant="code" fontSize="heading-m">
          <span className="issued-key" data-testid="issued-key">
            {value}
          </span>
        </Box>
        <SpaceBetween direction="horizontal" size="xs">
          <CopyToClipboard
            copyButtonText="Copy key"
            copySuccessText="Copied"
            copyErrorText="Couldn’t copy the key. Select it and copy it yourself."
            textToCopy={value}
          />
          <Button
            iconName="download"
            onClick={() => {
              download({ ...environmentFile(value, record), type: 'text/plain' });
            }}
          >
            Download .env
          </Button>
          <Button
            iconName="download"
            onClick={() => {
              download({ ...jsonFile(value, record), type: 'application/json' });
            }}
          >
            Download JSON
          </Button>
        </SpaceBetween>
      </SpaceBetween>
      <FormField
        label="Try it"
        description="Replace the URL with a route of your API. Your shell may store the command in its history."
        stretch
      >
        <SpaceBetween size="xs">
          <Box variant="code">
            <pre className="code-block" data-testid="curl">
              {curlCommand(value)}
            </pre>
          </Box>
          <CopyToClipboard
            copyButtonText="Copy command"
            copySuccessText="Copied"
            copyErrorText="Couldn’t copy the command. Select it and copy it yourself."
            textToCopy={curlCommand(value)}
          />
        </SpaceBetween>
      </FormField>
    </SpaceBetween>
  );
}
