import { denied, type Decision } from '../domain/decision.ts';
import type { Limiter } from '../limit/limiter.ts';

/**
 * Counts a verified key's request, where the authorizer is to see to the limits.
 *
 * @throws what kept it from being counted, unless the limiter lets such requests in
 */
export async function withinLimits(decision: Decision, limit: Limiter | undefined): Promise<Decision> {
  if (!decision.allowed || limit === undefined) return decision;
  const { prefix, countsAs = prefix, limits = {} } = decision.record;
  const verdict = await limit({ keyId: prefix, countsAs, limits });
  if (verdict.allowed) return decision;
  if (verdict.reason === 'outage') throw verdict.error;
  return denied('limited');
}
