import { isSuspended, type OwnerRecord } from '../core/keys/owner.ts';
import { isoOrNull } from './view.ts';

/** An owner of keys as the management functions show it. Times are ISO 8601 in UTC. */
export interface OwnerView {
  readonly ownerId: string;
  /** The kind of key that this is about. */
  readonly label: string;
  readonly suspended: boolean;
  /** When, by whom and why it was suspended; once that is lifted, by whom and why it was last. */
  readonly suspendedAt: string | null;
  readonly suspendedBy: string | null;
  readonly suspendedReason: string | null;
  /** When and by whom the last suspension was lifted; `null` while one holds. */
  readonly resumedAt: string | null;
  readonly resumedBy: string | null;
}

/** @param owner what is known of it; nothing, if it was never suspended */
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
