import type { EpochMs } from './record.ts';

/** The record of an owner of keys. It exists once the owner has been suspended for the first time. */
export interface OwnerRecord {
  /** The label of the keys that the suspension applies to. The owner's keys with other labels are not affected. */
  readonly label: string;
  readonly ownerId: string;
  /** Set while the owner is suspended. */
  readonly suspendedAt?: EpochMs | undefined;
  /** The principal of the current or last suspension. */
  readonly suspendedBy?: string | undefined;
  readonly suspendedReason?: string | undefined;
  readonly resumedAt?: EpochMs | undefined;
  readonly resumedBy?: string | undefined;
}

/** Returns whether an owner is suspended. Any value of `suspendedAt` counts, so that an edited item fails closed. */
export function isSuspended(owner: OwnerRecord | undefined): boolean {
  return owner?.suspendedAt !== undefined;
}
