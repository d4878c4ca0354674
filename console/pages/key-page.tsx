import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { CacheFlush, KeyView } from '../api/keys.ts';
import { FlushOutcome } from '../keys/flush-outcome.tsx';
import { KeyDetails } from '../keys/key-details.tsx';
import { KeyLoader } from '../keys/key-loader.tsx';
import { KeyNotices } from '../keys/key-notices.tsx';
import { KeyUsagePanel } from '../keys/key-usage.tsx';
import { RevokeDialog } from '../keys/revoke-dialog.tsx';
import { RotateDialog } from '../keys/rotate-dialog.tsx';
import { SecretRotationDialog } from '../keys/secret-rotation-dialog.tsx';
import { useConsole } from '../layout/console-context.ts';
import { DangerButton } from '../layout/danger-button.tsx';
import { Page } from '../layout/frame.tsx';

/** The details and usage of a key, and what can be done with it. */
export function KeyPage({ prefix }: { readonly prefix: string }) {
  return (
    <Page path={[{ text: prefix, href: `#/keys/${prefix}` }]}>
      <KeyLoader prefix={prefix}>{(record, refresh) => <Key record={record} refresh={refresh} />}</KeyLoader>
    </Page>
  );
}

function Key({ record, refresh }: { readonly record: KeyView; readonly refresh: () => void }) {
  const { settings, keys } = useConsole();
  const [open, setOpen] = useState<'rotate' | 'revoke'>();
  /** The cache flush of a revocation on this page. */
  const [caches, setCaches] = useState<CacheFlush>();
  const close = () => {
    setOpen(undefined);
  };
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          settings.readOnly ? undefined : (
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                href={`#/keys/${record.prefix}/edit`}
                disabled={record.status === 'revoked' || record.replacedBy !== null}
              >
                Edit
              </Button>
              <Button href={`#/create?from=${record.prefix}`}>Duplicate</Button>
              <Button
                disabled={record.status !== 'active' || record.replacedBy !== null}
                onClick={() => {
                  setOpen('rotate');
                }}
              >
                Rotate
              </Button>
              <DangerButton
                disabled={record.status === 'revoked'}
                onClick={() => {
                  setOpen('revoke');
                }}
              >
                Revoke
              </DangerButton>
            </SpaceBetween>
          )
        }
      >
        {record.name}
      </Header>
      <KeyNotices record={record} onExpired={refresh} />
      {caches !== undefined && (
        <FlushOutcome
          subject={`the key ${record.prefix}`}
          caches={caches}
          retryText="Flush again"
          onRetry={() => keys.revoke(record.prefix, '')}
        />
      )}
      <Container header={<Header variant="h2">Details</Header>}>
        <KeyDetails record={record} />
      </Container>
      {settings.usage && <KeyUsagePanel prefix={record.prefix} />}
      {open === 'rotate' && record.secretName === null && <RotateDialog record={record} onClose={close} />}
      {open === 'rotate' && record.secretName !== null && (
        <SecretRotationDialog record={record} secretName={record.secretName} onClose={close} />
      )}
      {open === 'revoke' && <RevokeDialog record={record} onRevoked={setCaches} onClose={close} />}
    </SpaceBetween>
  );
}
