import { checkDigest } from '../keys/digest.ts';
import type { UnverifiedKey } from '../keys/key.ts';
import { isSuspended, type OwnerRecord } from '../keys/owner.ts';
import { isWellFormed, statusOf, type EpochMs, type KeyRecord } from '../keys/record.ts';
import type { Limits, Plans } from '../limits/limits.ts';
import type { EnforcedRestriction, RestrictedRequest } from '../restrictions/restrictions.ts';
import { allowPolicy, permits, type UnscopedKeys } from '../scopes/policy.ts';
import type { DenialReason } from './denial-reasons.ts';

/**
 * What the checks depend on. A fact that a caller leaves out is not loaded: the check that needs it passes. Facts that
 * cost a read are functions, which are called only if all earlier checks passed.
 */
export interface Facts {
  readonly key: UnverifiedKey;
  /** The record under the key's prefix. */
  readonly record: KeyRecord;
  /** The time that decides expiry. */
  readonly now: EpochMs;
  readonly plans?: Plans | undefined;
  /** The effective limits, or `undefined` if the key's plan is not configured. */
  readonly limits: () => Limits | undefined;
  readonly restrictions?: RestrictionFacts | undefined;
  /** Reads the record of the key's owner, or `undefined` if the owner was never suspended. */
  readonly owner?: ((label: string, ownerId: string) => Promise<OwnerRecord | undefined>) | undefined;
  /** Counts the request, and returns whether it is within the key's limits. */
  readonly withinLimits?: ((key: VerifiedKey) => Promise<boolean>) | undefined;
  readonly route?: RouteFacts | undefined;
}

/** A key that passed the checks. */
export interface VerifiedKey {
  /** The record as it is stored. */
  readonly record: KeyRecord;
  /** The effective limits: the key's own, which override those of its plan. */
  readonly limits: Limits;
}

/** What restrictions are checked against. */
interface RestrictionFacts {
  /** The restrictions that this deployment enforces. */
  readonly enforced: readonly EnforcedRestriction[];
  /** Loaded only for a key that has restrictions. A part that is `undefined` is not loaded, so it is not checked. */
  readonly request: () => RestrictedRequest | Promise<RestrictedRequest>;
}

/** What scopes are checked against. */
export interface RouteFacts {
  readonly stageArn: string;
  readonly arn: string;
  readonly unscopedKeys: UnscopedKeys;
}

type Result = DenialReason | undefined;

/** One check: returns the reason for a denial, or `undefined` if the key passes. */
type Check = (facts: Facts) => Result | Promise<Result>;

/**
 * The checks by name, in the order in which they run. The first denial is the reason.
 *
 * The digest comes first, so that only the holder of the secret can learn of a revocation or an expiry. Then come the
 * checks that need only the record, then those that need the request, and last those that need another read or write.
 * docs/denial-reasons.md describes them; a test compares it with this list.
 */
export const CHECKS = {
  secret: checkSecret,
  status: checkStatus,
  start: checkStart,
  plan: checkPlan,
  restrictions: checkRestrictions,
  owner: checkOwner,
  limits: checkLimits,
  scopes: checkScopes,
} satisfies Record<string, Check>;

/** Compares the digest before anything else, so that the time taken does not tell which prefixes exist. */
function checkSecret({ key, record }: Facts): Result {
  const digest = checkDigest(key.text, record.digest);
  if (record.label !== key.label) return 'unknown';
  if (digest === 'unreadable' || !isWellFormed(record)) return 'corrupt';
  return digest === 'mismatch' ? 'mismatch' : undefined;
}

function checkStatus({ record, now }: Facts): Result {
  const status = statusOf(record, now);
  return status === 'active' ? undefined : status;
}

function checkStart({ record: { notBefore = 0 }, now }: Facts): Result {
  return notBefore > now ? 'not_yet_valid' : undefined;
}

function checkPlan({ limits }: Facts): Result {
  return limits() === undefined ? 'plan' : undefined;
}

/** Loads the rules on demand: most keys have no restrictions, and a cold start should not load the code. */
function checkRestrictions({ record, restrictions: facts }: Facts): Result | Promise<Result> {
  const { restrictions } = record;
  if (facts === undefined || restrictions === undefined) return undefined;
  return (async () => {
    const { restrictionDenial } = await import('../restrictions/restrictions.ts');
    return restrictionDenial(restrictions, await facts.request(), facts.enforced);
  })();
}

function checkOwner({ record: { label, ownerId }, owner }: Facts): Result | Promise<Result> {
  if (owner === undefined || ownerId === undefined) return undefined;
  return (async () => {
    const read = await owner(label, ownerId);
    if (read === undefined) return undefined;
    // The item belongs to another owner, so it cannot be trusted.
    if (read.label !== label || read.ownerId !== ownerId) return 'corrupt';
    return isSuspended(read) ? 'suspended' : undefined;
  })();
}

function checkLimits({ record, limits, withinLimits }: Facts): Result | Promise<Result> {
  if (withinLimits === undefined) return undefined;
  return (async () => ((await withinLimits({ record, limits: limits() ?? {} })) ? undefined : 'limited'))();
}

function checkScopes({ record: { scopes }, route }: Facts): Result {
  if (route === undefined) return undefined;
  const { stageArn, arn, unscopedKeys } = route;
  return permits(allowPolicy(scopes, stageArn, unscopedKeys), arn) ? undefined : 'scope';
}
