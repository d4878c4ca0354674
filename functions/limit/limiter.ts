import { policyStates, type LimitName, type PolicyState } from '../domain/allowance.ts';
import type { Caller } from '../domain/context.ts';
import { parseLimits } from '../domain/limits.ts';
import type { EpochMs } from '../domain/record.ts';
import type { CounterStore } from '../store/counter-store.ts';

/** Whose request it is, and what it may do: a {@link Caller}, or what a key's record says. */
type Limited = Pick<Caller, 'countsAs' | 'limits'>;

/** Whether a request is within its key's limits, and how these stand now. */
export type Verdict =
  | { readonly allowed: true; readonly policies: readonly PolicyState[] }
  | {
      readonly allowed: false;
      readonly reason: 'limited';
      readonly violated: readonly LimitName[];
      readonly policies: readonly PolicyState[];
    }
  /** It could not be counted. */
  | { readonly allowed: false; readonly reason: 'outage'; readonly error: unknown };

export type Limiter = (request: Limited) => Promise<Verdict>;

/**
 * What to do with a request that cannot be counted.
 *
 * - `deny`: refuse it. Whoever overloads a counter gains nothing by it
 * - `allow`: let it in, uncounted. For limits that only share out capacity
 */
export type OnOutage = 'deny' | 'allow';

export interface LimiterOptions {
  readonly counters: Pick<CounterStore, 'count'>;
  /** @default 'deny' */
  readonly onOutage?: OnOutage;
  /** @default Date.now */
  readonly now?: () => EpochMs;
}

/**
 * Counts requests and says which are within their limits. A key without limits is counted nowhere and costs nothing.
 *
 * @example
 * const limit = createLimiter({ counters });
 * const verdict = await limit(caller);
 * if (!verdict.allowed) return refusal(verdict);
 */
export function createLimiter({ counters, onOutage = 'deny', now = Date.now }: LimiterOptions): Limiter {
  return async ({ countsAs, limits }) => {
    const parsed = parseLimits(limits);
    if (parsed.rate === undefined && parsed.quota === undefined) return { allowed: true, policies: [] };
    const time = now();
    try {
      const result = await counters.count(countsAs, parsed, time);
      const policies = policyStates(parsed, result.counters, time);
      if (result.counted) return { allowed: true, policies };
      return { allowed: false, reason: 'limited', violated: result.violated, policies };
    } catch (error) {
      console.error(
        JSON.stringify({
          level: 'ERROR',
          message: 'request not counted',
          keyId: countsAs,
          onOutage,
          error: String(error),
        }),
      );
      return onOutage === 'allow' ? { allowed: true, policies: [] } : { allowed: false, reason: 'outage', error };
    }
  };
}
