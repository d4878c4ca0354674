import type { Decision } from '../core/decision/decision.ts';
import type { EnforcedRestriction } from '../core/restrictions/restrictions.ts';
import type { AuthorizerRequest } from './request.ts';

/** Judges a verified key's request by the restrictions on the key. */
export async function withinRestrictions(
  decision: Decision,
  request: AuthorizerRequest,
  enforced: readonly EnforcedRestriction[],
): Promise<Decision> {
  if (!decision.allowed || decision.record.restrictions === undefined) return decision;
  // On demand: most keys have none, and a cold start should not read what judges them.
  const { restrictionDenial } = await import('./judge-restrictions.ts');
  return restrictionDenial(decision.record.restrictions, request, enforced) ?? decision;
}
