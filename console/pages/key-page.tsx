import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useCallback, useState } from 'react';
import type { CacheFlush, KeyView } from '../api/keys.ts';
import { FlushOutcome } from '../keys/flush-outcome.tsx';
import { KeyDetails } from '../keys/key-details.tsx';
import { KeyLoader } from '../keys/key-loader.tsx';
import { isRotating } from '../keys/key-status.tsx';
import { KeyUsagePanel } from '../keys/key-usage.tsx';
import { RevokeDialog } from '../keys/revoke-dialog.tsx';
import { RotateDialog } from '../keys/rotate-dialog.tsx';
import { Countdown, Time } from '../keys/time.tsx';
import { useConsole } from '../layout/console-context.ts';
import { Page } from '../layout/frame.tsx';

/** One key: what it is, what it was used for, and what can be done with it. */
export function KeyPage({ prefix }: { readonly prefix: string }) {
  return (
    <Page path={[{ text: prefix, href: `#/keys/${prefix}` }]}>
      <KeyLoader prefix={prefix}>{(record, refresh) => <Key record={record} refresh={refresh} />}</KeyLoader>
    </Page>
  );
}

function Key({ record, refresh }: { readonly record: KeyView; readonly refresh: () => void }) {
  const { settings } = useConsole();
  const [open, setOpen] = useState<'rotate' | 'revoke'>();
  // Of the revocation that was made here: later there is nothing to say of it.
  const [caches, setCaches] = useState<CacheFlush>();
  const close = () => {
    setOpen(undefined);
  };
  const ended = record.status !== 'active';
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          settings.readOnly ? undefined : (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                href={`#/keys/${record.prefix}/edit`}
                disabled={record.status === 'revoked' || isReplaced(record)}
              >
                Edit
              </Button>
              <Button
                disabled={ended || isReplaced(record)}
                onClick={() => {
                  setOpen('rotate');
                }}
              >
                Rotate
              </Button>
              <Button
                disabled={record.status === 'revoked'}
                onClick={() => {
                  setOpen('revoke');
                }}
              >
                Revoke
              </Button>
            </SpaceBetween>
          )
        }
      >
        {record.name}
      </Header>
      <EndOfKey record={record} onEnd={refresh} />
      {caches !== undefined && <FlushOutcome prefix={record.prefix} caches={caches} retry="Revoke again" />}
      <Container header={<Header variant="h2">Details</Header>}>
        <KeyDetails record={record} />
      </Container>
      {settings.usage && <KeyUsagePanel prefix={record.prefix} />}
      {open === 'rotate' && <RotateDialog record={record} onClose={close} />}
      {open === 'revoke' && <RevokeDialog record={record} onRevoked={setCaches} onClose={close} />}
    </SpaceBetween>
  );
}

/** How a key ended, or will, beside the expiry that it was given. */
function EndOfKey({ record, onEnd }: { readonly record: KeyView; readonly onEnd: () => void }) {
  const atEnd = useCallback(onEnd, [onEnd]);
  const { replacedBy, expiresAt, rotatedFrom } = record;
  if (record.status === 'revoked')
    return (
      <Alert type="error" header="This key is revoked, for good">
        Since <Time at={record.revokedAt} />. {record.revokedReason === null ? '' : `Reason: ${record.revokedReason}`}
      </Alert>
    );
  if (replacedBy !== null) {
    const successor = <Link href={`#/keys/${replacedBy}`}>{replacedBy}</Link>;
    if (isRotating(record) && expiresAt !== null)
      return (
        <Alert type="info" header="This key has been replaced, and still works for a while">
          It ends in{' '}
          <Box variant="strong" display="inline">
            <Countdown until={expiresAt} onEnd={atEnd} />
          </Box>
          . Until then whoever holds it has to change to {successor}.
        </Alert>
      );
    return (
      <Alert type="info" header="This key has been replaced">
        By {successor}.
      </Alert>
    );
  }
  if (rotatedFrom !== null)
    return (
      <Alert type="info">
        It replaces <Link href={`#/keys/${rotatedFrom}`}>{rotatedFrom}</Link>.
      </Alert>
    );
  return null;
}

function isReplaced({ replacedBy }: KeyView): boolean {
  return replacedBy !== null;
}
