import { checkDigest, NO_DIGEST } from '../keys/digest.ts';
import type { UnverifiedKey } from '../keys/key.ts';
import { limitsOf, type Plans } from '../limits/limits.ts';
import { isSuspended, type OwnerRecord } from '../keys/owner.ts';
import { isWellFormed, statusOf, type EpochMs, type KeyRecord } from '../keys/record.ts';

/**
 * Why a caller was refused. For the log and the metric, never for the caller.
 *
 * - `missing`: the request carried no key
 * - `malformed`: not a key, or two different ones
 * - `unknown`: no record has this prefix
 * - `mismatch`: a record has the prefix, but the secret is not its own; many on one prefix are somebody guessing
 * - `corrupt`: the stored record is not in a form we know; it needs repair
 * - `revoked`, `expired`: the key has ended
 * - `suspended`: the key is good, but its owner is suspended for now
 * - `not_yet_valid`: the key has not begun
 * - `stage`, `source_ip`, `origin`: the key is good, but not on this stage, from this address or from this page
 * - `unenforced`: the key has a restriction that this deployment does not hold
 * - `plan`: the key is good, but its plan is not configured any more, so nobody knows its limits
 * - `limited`: the key is good but has used up its limits, where the authorizer counts
 * - `scope`: the key is good but not for this route
 * - `permission`: an authorizer of the team's own said no
 */
export type DenialReason = (typeof DENIAL_REASONS)[number];
export const DENIAL_REASONS = [
  'missing',
  'malformed',
  'unknown',
  'mismatch',
  'corrupt',
  'revoked',
  'expired',
  'suspended',
  'not_yet_valid',
  'unenforced',
  'stage',
  'source_ip',
  'origin',
  'plan',
  'limited',
  'scope',
  'permission',
] as const;

export interface Denied {
  readonly allowed: false;
  readonly reason: DenialReason;
}
/** The record behind the key is vouched for: its digest matched, and it has not ended. */
interface Verified {
  readonly allowed: true;
  readonly record: KeyRecord;
}
export type Decision = Verified | Denied;

/**
 * Decides on a presented key. The digest is always compared, even when there is no record, so that the
 * time taken does not tell which prefixes exist; and it is compared first, so that only the holder of the
 * secret can meet `revoked` or `expired`.
 *
 * @param record what the table holds under the key's prefix
 * @param now the time that decides expiry
 */
export function decide(record: KeyRecord | undefined, key: UnverifiedKey, now: EpochMs): Decision {
  const check = checkDigest(key.text, record?.digest ?? NO_DIGEST);
  if (record?.label !== key.label) return denied('unknown');
  if (check === 'unreadable' || !isWellFormed(record)) return denied('corrupt');
  if (check === 'mismatch') return denied('mismatch');

  const status = statusOf(record, now);
  if (status !== 'active') return denied(status);
  return (record.notBefore ?? 0) > now ? denied('not_yet_valid') : { allowed: true, record };
}

/** Puts the limits of its plan on a verified key's record; without that plan nobody gets in. */
export function underPlan(decision: Decision, plans: Plans): Decision {
  if (!decision.allowed) return decision;
  const { record } = decision;
  const limits = limitsOf(record, plans);
  return limits === undefined ? denied('plan') : { allowed: true, record: { ...record, limits } };
}

/** Lets nobody in whose owner is suspended, or of whose owner nobody can tell, because the item found is not the owner's. */
export function underOwner(decision: Decision, owner: OwnerRecord | undefined): Decision {
  if (!decision.allowed || owner === undefined) return decision;
  const { label, ownerId } = decision.record;
  if (owner.label !== label || owner.ownerId !== ownerId) return denied('corrupt');
  return isSuspended(owner) ? denied('suspended') : decision;
}

/** A refusal, as a value. */
export function denied(reason: DenialReason): Denied {
  return { allowed: false, reason };
}
