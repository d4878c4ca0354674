import type { DenialReason } from '../../src/core/decision/denial-reasons.ts';
import { limitsOf } from '../../src/core/limits/limits.ts';
import type { KeyView } from '../api/keys.ts';
import type { ConsoleSettings } from '../hosting/settings.ts';

/** The status that the authorizer decides: `active`, or the reason for which it rejects every request with the key. */
export const DECIDED_STATUSES = [
  'active',
  'revoked',
  'disabled',
  'expired',
  'not_yet_valid',
  'plan',
  'unenforced',
  'suspended',
] as const satisfies readonly (DenialReason | 'active')[];
export type DecidedStatus = (typeof DECIDED_STATUSES)[number];

/** Whether a key's owner is suspended. `unknown` if that couldn't be read. */
export type OwnerState = 'loading' | 'suspended' | 'not suspended' | 'unknown';

type Settings = Pick<ConsoleSettings, 'label' | 'plans' | 'restrictions'>;

/**
 * Returns the status that the authorizer would decide for a key, for any request. The order is that of `CHECKS` in
 * src/core/decision/checks.ts: a test compares the two. Checks that depend on a request, such as scopes, are left out.
 *
 * @param settings with the label `null`, the plans and restrictions are unknown and not checked
 * @param now milliseconds since the epoch
 * @returns `undefined` if the status depends on the owner, whose state is still loading
 */
export function decidedStatus(
  record: Pick<KeyView, 'status' | 'notBefore' | 'plan' | 'restrictions'>,
  { label, plans, restrictions }: Settings,
  owner: OwnerState,
  now: number,
): DecidedStatus | undefined {
  if (record.status !== 'active') return record.status;
  if (record.notBefore !== null && Date.parse(record.notBefore) > now) return 'not_yet_valid';
  if (label !== null) {
    if (limitsOf({ plan: record.plan ?? undefined }, plans) === undefined) return 'plan';
    const { sourceIps, origins } = record.restrictions ?? {};
    if (sourceIps !== undefined && !restrictions.includes('sourceIp')) return 'unenforced';
    if (origins !== undefined && !restrictions.includes('origin')) return 'unenforced';
  }
  if (owner === 'loading') return undefined;
  return owner === 'suspended' ? 'suspended' : 'active';
}
