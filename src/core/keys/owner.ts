import type { EpochMs } from './record.ts';

/** What is known of an owner of keys, once it has been suspended for the first time. */
export interface OwnerRecord {
  /** The kind of key that this is about: the owner's keys of other kinds are not its concern. */
  readonly label: string;
  readonly ownerId: string;
  /** Set as long as the owner is suspended, and only so long. */
  readonly suspendedAt?: EpochMs | undefined;
  /** Of the suspension that holds, or of the last one. */
  readonly suspendedBy?: string | undefined;
  readonly suspendedReason?: string | undefined;
  readonly resumedAt?: EpochMs | undefined;
  readonly resumedBy?: string | undefined;
}

/** Whether none of an owner's keys may be let in. Whatever `suspendedAt` holds: an item edited by hand opens nothing. */
export function isSuspended(owner: OwnerRecord | undefined): boolean {
  return owner?.suspendedAt !== undefined;
}
