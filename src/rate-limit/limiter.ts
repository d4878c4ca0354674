import { policyStates, type LimitName, type PolicyState } from '../core/limits/allowance.ts';
import type { CallerKey } from '../backend/read-caller.ts';
import { parseLimits, quotaWindow, type ParsedLimits } from '../core/limits/limits.ts';
import type { EpochMs } from '../core/keys/record.ts';
import type { CounterStore } from './counter-store.ts';
import type { LimitNotes } from './limit-notes.ts';

/** What a request is counted under, and its limits: the {@link CallerKey} of a caller, or what a key's record says. */
export type Limited = Pick<CallerKey, 'countsAs' | 'limits'> & Partial<Pick<CallerKey, 'keyId'>>;

/** Whether a request is within its limits, with the state of each limit after it. */
export type LimitResult =
  | { readonly allowed: true; readonly policies: readonly PolicyState[] }
  | {
      readonly allowed: false;
      readonly reason: 'limited';
      readonly violated: readonly LimitName[];
      readonly policies: readonly PolicyState[];
    }
  /** The request could not be counted. */
  | { readonly allowed: false; readonly reason: 'outage'; readonly error: unknown };

const HOUR_MS = 3_600_000;

/** Counts a request, and returns whether it is within its limits. */
export type Limiter = (request: Limited) => Promise<LimitResult>;

/**
 * What to do with a request that cannot be counted.
 *
 * - `deny`: reject it with 503, so that overloading a counter does not lift a limit
 * - `allow`: allow it without counting. For limits that only distribute capacity
 */
export type OnOutage = 'deny' | 'allow';

/** Options of {@link createLimiter}. */
export interface LimiterOptions {
  /** Counts requests in a table. */
  readonly counters: Pick<CounterStore, 'count'>;
  /**
   * Records which limits were reached. Each record becomes an event `API Key Limit Reached`.
   *
   * @default no events
   */
  readonly notes?: Pick<LimitNotes, 'note'>;
  /** What to do with a request that cannot be counted. @default 'deny' */
  readonly onOutage?: OnOutage;
  /** @default Date.now */
  readonly now?: () => EpochMs;
}

/**
 * Returns a function that counts requests against their limits. Requests without limits are not counted and cost nothing.
 * The function throws a `TypeError` if the limits are invalid.
 *
 * @example
 * const limit = createLimiter({ counters });
 * const result = await limit(key); // readCaller(event)?.key
 * if (!result.allowed) return limitRefusal(result);
 */
export function createLimiter({ counters, notes, onOutage = 'deny', now = Date.now }: LimiterOptions): Limiter {
  return async (request) => {
    const { countsAs, limits } = request;
    const parsed = parseLimits(limits);
    if (parsed.rate === undefined && parsed.quota === undefined) return { allowed: true, policies: [] };
    const time = now();
    try {
      const result = await counters.count(countsAs, parsed, time);
      const policies = policyStates(parsed, result.counters, time);
      if (result.counted) return { allowed: true, policies };
      if (notes !== undefined) await noteReached(notes, request, parsed, result.violated, time);
      return { allowed: false, reason: 'limited', violated: result.violated, policies };
    } catch (error) {
      logError('request not counted', { keyId: countsAs, onOutage, error: String(error) });
      return onOutage === 'allow' ? { allowed: true, policies: [] } : { allowed: false, reason: 'outage', error };
    }
  };
}

/**
 * Records the limits that were reached. Only the first rejected request of a window in each environment waits for it. A
 * failure is logged, and does not change the response.
 */
async function noteReached(
  notes: Pick<LimitNotes, 'note'>,
  { countsAs, keyId = countsAs, limits }: Limited,
  { quota }: ParsedLimits,
  violated: readonly LimitName[],
  at: EpochMs,
): Promise<void> {
  const note = async (limit: LimitName) => {
    // A rate can be reached many times a minute. One event per hour is enough.
    const { start, end } = limit === 'quota' && quota !== undefined ? quotaWindow(quota.period, at) : hourOf(at);
    try {
      await notes.note(countsAs, { keyId, limit, allowed: limits[limit] ?? '', from: start, until: end, at });
    } catch (error) {
      logError('the reached limit could not be recorded', { keyId, limit, error: String(error) });
    }
  };
  await Promise.all(violated.map(note));
}

function hourOf(time: EpochMs): { readonly start: EpochMs; readonly end: EpochMs } {
  const start = time - (time % HOUR_MS);
  return { start, end: start + HOUR_MS };
}

/**
 * Logs an error with the fields that the functions' logger writes. Written by hand, because the limiter runs in the
 * authorizer and in the functions of the API, which should not have to load a logger.
 */
function logError(message: string, fields: Readonly<Record<string, string>>): void {
  const timestamp = new Date().toISOString();
  console.error(JSON.stringify({ level: 'ERROR', message, timestamp, service: 'latchkey', ...fields }));
}
