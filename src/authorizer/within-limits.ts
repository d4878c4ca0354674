import { denied, type Decision } from '../core/decision/decision.ts';
import { DECISION_TIMEOUT_MS } from '../gateway/settings.ts';
import type { Limiter } from '../rate-limit/limiter.ts';
import { withinTime } from '../storage/within-time.ts';

/**
 * Refuses a verified key that has used up its limits; what is refused already stays so.
 *
 * @param spentMs of the time that the whole decision may take
 */
export type WithinLimits = (decision: Decision, spentMs: number) => Promise<Decision>;

/**
 * Counts the requests of verified keys, where the authorizer is to see to the limits. It throws what kept a request
 * from being counted, in time, unless the limiter lets such requests in.
 */
export function withinLimitsOf(limit: Limiter): WithinLimits {
  return async (decision, spentMs) => {
    if (!decision.allowed) return decision;
    const { prefix, countsAs = prefix, limits = {} } = decision.record;
    const verdict = await withinTime('the limiter', DECISION_TIMEOUT_MS - spentMs, () =>
      limit({ keyId: prefix, countsAs, limits }),
    );
    if (verdict.allowed) return decision;
    if (verdict.reason === 'outage') throw verdict.error;
    return denied('limited');
  };
}
