import type { OwnerView } from '../../src/management/owner-view.ts';
import { detailsOf } from './table.ts';
import { styled, type TerminalText, type Printable } from './terminal-text.ts';

/** Returns the fields of an owner, one per line. */
export function ownerDetails(owner: OwnerView): TerminalText {
  const fields: (readonly [string, Printable | null])[] = [
    ['Owner', owner.ownerId],
    ['Label', owner.label],
    ['Status', owner.suspended ? styled('red', 'suspended') : styled('green', 'not suspended')],
    ['Suspended', owner.suspendedAt],
    ['Suspended by', owner.suspendedBy],
    ['Reason', owner.suspendedReason],
    ['Resumed', owner.resumedAt],
    ['Resumed by', owner.resumedBy],
  ];
  return detailsOf(fields.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
}
