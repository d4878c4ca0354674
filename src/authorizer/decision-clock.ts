import { DECISION_TIMEOUT_MS } from '../gateway/settings.ts';

/** Measures one decision from its start, before anything was read. */
export interface DecisionClock {
  /**
   * Call it before allowing a request. Revoking a key waits for the longest decision before the last flush of API
   * Gateway's cache. A result that came later would be cached for the revoked key.
   *
   * @throws {Error} if the decision has taken longer than `DECISION_TIMEOUT_MS`
   */
  refuseIfLate(): void;
}

/** Starts the clock. It is monotonic: a system clock that is set back must not make a decision look young. */
export function startDecisionClock(): DecisionClock {
  const start = performance.now();
  return {
    refuseIfLate: () => {
      const elapsedMs = Math.round(performance.now() - start);
      if (elapsedMs <= DECISION_TIMEOUT_MS) return;
      throw new Error(
        `the decision took ${String(elapsedMs)} ms; at most ${String(DECISION_TIMEOUT_MS)} ms are allowed`,
      );
    },
  };
}
