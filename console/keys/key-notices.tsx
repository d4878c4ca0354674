import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useCallback } from 'react';
import type { KeyView } from '../api/keys.ts';
import { OwnerLink } from '../owners/owner-link.tsx';
import { useDecidedStatuses } from '../owners/use-owner-states.ts';
import { Countdown, Time } from './time.tsx';

interface KeyNoticesProps {
  readonly record: KeyView;
  /** Called when the overlap of a rotation ends. */
  readonly onExpired: () => void;
}

/** Says why the authorizer rejects a key, and which key it replaces or is replaced by. */
export function KeyNotices({ record, onExpired }: KeyNoticesProps) {
  const { replacedBy, rotatedFrom, secretName } = record;
  const status = useDecidedStatuses([record])(record);
  const works = status === 'active';
  return (
    <SpaceBetween size="s">
      {status !== undefined && !works && <Rejection record={record} status={status} />}
      {replacedBy !== null && status !== 'revoked' && (
        <Replaced record={record} replacedBy={replacedBy} works={works} onExpired={onExpired} />
      )}
      {secretName !== null && replacedBy === null && status !== 'revoked' && (
        <Alert type="info">
          This key is in the secret <strong>{secretName}</strong> of AWS Secrets Manager, which rotates it.
        </Alert>
      )}
      {rotatedFrom !== null && (
        <Alert type="info">
          Replaces the key <KeyLink prefix={rotatedFrom} />.
        </Alert>
      )}
    </SpaceBetween>
  );
}

interface RejectionProps {
  readonly record: KeyView;
  readonly status: Exclude<ReturnType<ReturnType<typeof useDecidedStatuses>>, 'active' | undefined>;
}

function Rejection({ record, status }: RejectionProps) {
  const { revokedAt, revokedReason, ownerId, notBefore, plan, replacedBy } = record;
  switch (status) {
    case 'revoked':
      return (
        <Alert type="error" header="This key is revoked">
          Revoked <Time at={revokedAt} />. {revokedReason === null ? '' : `Reason: ${revokedReason}`}
        </Alert>
      );
    case 'suspended':
      return (
        <Alert type="error" header="The owner of this key is suspended">
          All requests with this key are rejected until the owner <OwnerLink ownerId={ownerId} /> is resumed.
        </Alert>
      );
    case 'not_yet_valid':
      return (
        <Alert type="warning" header="This key is not valid yet">
          Requests are rejected until <Time at={notBefore} />.
        </Alert>
      );
    case 'plan':
      return (
        <Alert type="error" header="The plan of this key is not configured">
          All requests are rejected, because the deployment has no plan named {plan}. Choose another plan, or add it to
          the construct’s plans.
        </Alert>
      );
    case 'unenforced':
      return (
        <Alert type="error" header="A restriction of this key is not enforced">
          All requests are rejected, because this deployment can’t enforce one of the key’s restrictions. Remove the
          restriction, or add it to the construct’s restrictions.
        </Alert>
      );
    case 'expired':
      // The notice of the replacement says it.
      return replacedBy === null ? (
        <Alert type="warning" header="This key has expired">
          Requests with this key are rejected.
        </Alert>
      ) : null;
  }
}

interface ReplacedProps extends KeyNoticesProps {
  readonly replacedBy: string;
  readonly works: boolean;
}

function Replaced({ record: { expiresAt }, replacedBy, works, onExpired }: ReplacedProps) {
  const atEnd = useCallback(onExpired, [onExpired]);
  const successor = <KeyLink prefix={replacedBy} />;
  if (!works || expiresAt === null)
    return (
      <Alert type="info" header="This key was replaced">
        Clients must use the key {successor}.
      </Alert>
    );
  return (
    <Alert type="info" header="This key was replaced and still works during the overlap">
      It stops working in{' '}
      <Box variant="strong" display="inline">
        <Countdown until={expiresAt} onEnd={atEnd} />
      </Box>
      . Clients must switch to the key {successor} before then.
    </Alert>
  );
}

function KeyLink({ prefix }: { readonly prefix: string }) {
  return <Link href={`#/keys/${prefix}`}>{prefix}</Link>;
}
