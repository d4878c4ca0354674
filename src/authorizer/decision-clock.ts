import { DECISION_TIMEOUT_MS } from '../gateway/settings.ts';

/** Measures the time of one decision. */
export interface DecisionClock {
  /**
   * Throws if the decision came too late to allow the request. After a revocation, the last flush of API Gateway's cache
   * waits for the longest decision; a later result would be cached for the revoked key.
   *
   * @throws {Error} if the decision has taken longer than `DECISION_TIMEOUT_MS`
   */
  throwIfLate(): void;
}

/** Starts a monotonic clock. Call it before the first read. A system clock that is set back must not hide a late decision. */
export function startDecisionClock(): DecisionClock {
  const start = performance.now();
  return {
    throwIfLate: () => {
      const elapsedMs = Math.round(performance.now() - start);
      if (elapsedMs <= DECISION_TIMEOUT_MS) return;
      throw new Error(`the decision took ${String(elapsedMs)} ms; the limit is ${String(DECISION_TIMEOUT_MS)} ms`);
    },
  };
}
