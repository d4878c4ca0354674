import type { VerifiedKey } from '../core/decision/checks.ts';
import { DECISION_TIMEOUT_MS } from '../gateway/settings.ts';
import type { Limiter } from '../rate-limit/limiter.ts';
import { withTimeout } from '../storage/with-timeout.ts';

/**
 * Counts a request with a verified key, and returns whether it is within the key's limits.
 *
 * @param spentMs the time that the decision has taken so far, in milliseconds
 */
export type WithinLimits = (key: VerifiedKey, spentMs: number) => Promise<boolean>;

/**
 * Returns a check that counts requests with a limiter. The check throws if a request cannot be counted in time, unless the
 * limiter allows such requests.
 */
export function withinLimitsOf(limit: Limiter): WithinLimits {
  return async ({ record: { prefix, countsAs = prefix }, limits }, spentMs) => {
    const counted = await withTimeout('the limiter', DECISION_TIMEOUT_MS - spentMs, () =>
      limit({ keyId: prefix, countsAs, limits }),
    );
    if (!counted.allowed && counted.reason === 'outage') throw counted.error;
    return counted.allowed;
  };
}
