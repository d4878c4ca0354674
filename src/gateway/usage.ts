import type { Access } from './access-log.ts';
import type { EpochMs } from '../core/keys/record.ts';

/** What was done with a key in some time. */
export interface UsageCounts {
  readonly requests: number;
  /** Answers of 400 and more, without those of 429. */
  readonly errors: number;
  /** Answers of 429. */
  readonly throttled: number;
  /** All latencies together. */
  readonly latencyMs: number;
  readonly lastUsedAt: EpochMs;
}

/** What was done on one route on one day. */
export interface RouteUsage extends UsageCounts {
  /** Such as `2027-01-31`, in UTC. */
  readonly day: string;
  readonly route: string;
}

/** One line of an access log, counted. */
export interface CountedLine {
  readonly keyId: string;
  /** The id that CloudWatch Logs gave the line. */
  readonly lineId: string;
  readonly day: string;
  readonly route: string;
  readonly counts: UsageCounts;
}

/** Returns the line of one request. */
export function lineOf(lineId: string, access: Access): CountedLine {
  return { keyId: access.keyId, lineId, day: dayOf(access.time), route: access.route, counts: usageOf(access) };
}

/** The day in UTC, such as `2027-01-31`. */
export function dayOf(time: EpochMs): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** One request as usage. */
export function usageOf({ time, status, latencyMs }: Access): UsageCounts {
  const throttled = status === 429;
  return {
    requests: 1,
    errors: status >= 400 && !throttled ? 1 : 0,
    throttled: throttled ? 1 : 0,
    latencyMs,
    lastUsedAt: time,
  };
}

/** Two usages together. */
export function sum(one: UsageCounts, other: UsageCounts): UsageCounts {
  return {
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    throttled: one.throttled + other.throttled,
    latencyMs: one.latencyMs + other.latencyMs,
    lastUsedAt: Math.max(one.lastUsedAt, other.lastUsedAt),
  };
}
