import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { KeyView } from '../api/keys.ts';
import { useConsole } from '../layout/console-context.ts';
import { useOwnerStates } from '../owners/use-owner-states.ts';
import { decidedStatus, type DecidedStatus } from './decided-status.ts';

/** The indicator and the label of each status. */
export const STATUS_LABELS: Record<DecidedStatus, readonly [StatusIndicatorProps.Type, string]> = {
  active: ['success', 'Active'],
  revoked: ['error', 'Revoked'],
  disabled: ['stopped', 'Disabled'],
  expired: ['stopped', 'Expired'],
  not_yet_valid: ['pending', 'Not yet valid'],
  plan: ['error', 'Plan missing'],
  unenforced: ['error', 'Not enforced'],
  suspended: ['error', 'Suspended'],
};

/** Shows the status that the authorizer would decide. */
export function KeyStatusIndicator({ record }: { readonly record: KeyView }) {
  const { settings } = useConsole();
  const owner = useOwnerStates([record])(record.ownerId);
  const status = decidedStatus(record, settings, owner, Date.now());
  if (status === undefined) return <StatusIndicator type="loading">Checking</StatusIndicator>;
  const [type, text] = STATUS_LABELS[status];
  if (record.replacedBy !== null && status === 'active')
    return <StatusIndicator type="in-progress">Being replaced</StatusIndicator>;
  if (record.replacedBy !== null && status === 'expired')
    return <StatusIndicator type={type}>Replaced</StatusIndicator>;
  if (status === 'active' && owner === 'unknown')
    return <StatusIndicator type="warning">Owner not checked</StatusIndicator>;
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}
