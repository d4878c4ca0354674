import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { KeyView } from '../api/keys.ts';

interface SecretRotationDialogProps {
  readonly record: KeyView;
  readonly secretName: string;
  readonly onClose: () => void;
}

/**
 * Says how to rotate a key that a secret manages. The console can't: a rotation here would show the new key, and leave the
 * old one in the secret.
 */
export function SecretRotationDialog({ record: { name, prefix }, secretName, onClose }: SecretRotationDialogProps) {
  const command = `latchkey rotate ${prefix} --to-secret ${secretName}`;
  return (
    <Modal
      visible
      header={`Rotate "${name}" in its secret`}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onClose}>
            Close
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box variant="p">
          The secret <strong>{secretName}</strong> in AWS Secrets Manager holds this key and rotates it on a schedule.
          To rotate it now, run a command with your AWS credentials. The new key is never shown.
        </Box>
        <FormField label="Rotate now" description="The old key keeps working for the overlap of the KeySecret.">
          <Command text={command} name="command" />
        </FormField>
        <FormField label="If the key leaked" description="The old key stops working when the secret has the new key.">
          <Command text={`${command} --overlap 0s`} name="command for a leaked key" />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}

function Command({ text, name }: { readonly text: string; readonly name: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      textToDisplay={<code>{text}</code>}
      copyButtonAriaLabel={`Copy ${name}`}
      copySuccessText="Copied"
      copyErrorText="Couldn’t copy the command"
    />
  );
}
