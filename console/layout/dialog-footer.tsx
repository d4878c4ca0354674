import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';

interface DialogFooterProps {
  /** @default 'Cancel' */
  readonly cancelText?: string;
  readonly onCancel: () => void;
  /** The button of the dialog's action. */
  readonly children: ReactNode;
}

export function DialogFooter({ cancelText = 'Cancel', onCancel, children }: DialogFooterProps) {
  return (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onCancel}>
          {cancelText}
        </Button>
        {children}
      </SpaceBetween>
    </Box>
  );
}
