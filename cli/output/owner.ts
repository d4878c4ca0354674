import type { OwnerView } from '../../functions/manage/owner-view.ts';
import { printable, styled } from './screen.ts';
import { detailsOf } from './table.ts';

/** All there is to say of an owner, one fact a line. */
export function ownerDetails(owner: OwnerView): string {
  const facts: (readonly [string, string | null])[] = [
    ['Owner', owner.ownerId],
    ['Label', owner.label],
    ['Status', owner.suspended ? styled('red', 'suspended') : styled('green', 'not suspended')],
    ['Suspended', owner.suspendedAt],
    ['Suspended by', owner.suspendedBy === null ? null : printable(owner.suspendedBy)],
    ['Reason', owner.suspendedReason === null ? null : printable(owner.suspendedReason)],
    ['Resumed', owner.resumedAt],
    ['Resumed by', owner.resumedBy === null ? null : printable(owner.resumedBy)],
  ];
  return detailsOf(facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
}
