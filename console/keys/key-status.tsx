import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { KeyView } from '../api/keys.ts';

/** A key whose successor is there, and that goes on working for a while. */
export function isRotating({ status, replacedBy }: KeyView): boolean {
  return status === 'active' && replacedBy !== null;
}

export function KeyStatusIndicator({ record }: { readonly record: KeyView }) {
  const [type, text] = look(record);
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

function look(record: KeyView): readonly [StatusIndicatorProps.Type, string] {
  if (isRotating(record)) return ['in-progress', 'Being replaced'];
  switch (record.status) {
    case 'active':
      return ['success', 'Active'];
    case 'expired':
      return ['stopped', record.replacedBy === null ? 'Expired' : 'Replaced'];
    case 'revoked':
      return ['error', 'Revoked'];
  }
}
