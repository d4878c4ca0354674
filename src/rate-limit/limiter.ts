import { policyStates, type LimitName, type PolicyState } from '../core/limits/allowance.ts';
import type { CallerKey } from '../backend/read-caller.ts';
import { parseLimits, quotaWindow, type ParsedLimits } from '../core/limits/limits.ts';
import type { EpochMs } from '../core/keys/record.ts';
import type { CounterStore } from './counter-store.ts';
import type { LimitNotes } from './limit-notes.ts';

/** Whose request it is, and what it may do: the {@link CallerKey} of a caller, or what a key's record says. */
export type Limited = Pick<CallerKey, 'countsAs' | 'limits'> & Partial<Pick<CallerKey, 'keyId'>>;

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

const HOUR_MS = 3_600_000;

/** Counts a request on its key, and tells whether it is within the limits. */
export type Limiter = (request: Limited) => Promise<Verdict>;

/**
 * What to do with a request that cannot be counted.
 *
 * - `deny`: refuse it. Whoever overloads a counter gains nothing by it
 * - `allow`: let it in, uncounted. For limits that only share out capacity
 */
export type OnOutage = 'deny' | 'allow';

/** Where requests are counted, and what becomes of them when they cannot be. */
export interface LimiterOptions {
  readonly counters: Pick<CounterStore, 'count'>;
  /**
   * Takes down which limits were reached: it becomes the event `API Key Limit Reached`.
   *
   * @default nobody is told
   */
  readonly notes?: Pick<LimitNotes, 'note'>;
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
 * Only refused requests wait for it, the first of a window in each environment. What goes wrong here changes nothing
 * about the answer.
 */
async function noteReached(
  notes: Pick<LimitNotes, 'note'>,
  { countsAs, keyId = countsAs, limits }: Limited,
  { quota }: ParsedLimits,
  violated: readonly LimitName[],
  at: EpochMs,
): Promise<void> {
  const note = async (limit: LimitName) => {
    // A bucket is empty again and again: once an hour is enough to hear of it.
    const { start, end } = limit === 'quota' && quota !== undefined ? quotaWindow(quota.period, at) : hourOf(at);
    try {
      await notes.note(countsAs, { keyId, limit, allowed: limits[limit] ?? '', from: start, until: end, at });
    } catch (error) {
      logError('limit reached, not noted', { keyId, limit, error: String(error) });
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
