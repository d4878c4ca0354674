import { isSuspended, type OwnerRecord } from '../core/keys/owner.ts';
import { isoOrNull } from './view.ts';

/** An owner of keys, as the management functions return it. Times are in ISO 8601 (UTC). */
export interface OwnerView {
  readonly ownerId: string;
  /** The label of the keys that the suspension applies to. */
  readonly label: string;
  readonly suspended: boolean;
  /** When, by whom and why the owner was last suspended. */
  readonly suspendedAt: string | null;
  readonly suspendedBy: string | null;
  readonly suspendedReason: string | null;
  /** When and by whom the last suspension was lifted. `null` while the owner is suspended. */
  readonly resumedAt: string | null;
  readonly resumedBy: string | null;
}

/** @param owner the owner's record, or `undefined` if the owner was never suspended */
export function ownerViewOf(label: string, ownerId: string, owner: OwnerRecord | undefined): OwnerView {
  return {
    ownerId,
    label,
    suspended: isSuspended(owner),
    suspendedAt: isoOrNull(owner?.suspendedAt),
    suspendedBy: owner?.suspendedBy ?? null,
    suspendedReason: owner?.suspendedReason ?? null,
    resumedAt: isoOrNull(owner?.resumedAt),
    resumedBy: owner?.resumedBy ?? null,
  };
}
