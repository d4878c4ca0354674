import type { Access } from './access-log.ts';
import type { EpochMs } from '../core/keys/record.ts';

/** The usage of a key in a period. */
export interface UsageCounts {
  readonly requests: number;
  /** Responses with a status of 400 or more, except 429. */
  readonly errors: number;
  /** Responses with status 429. */
  readonly throttled: number;
  /** The sum of all latencies, in milliseconds. */
  readonly latencyMs: number;
  readonly lastUsedAt: EpochMs;
}

/** The usage of one route on one day. */
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

/** Returns the day in UTC, such as `2027-01-31`. */
export function dayOf(time: EpochMs): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Returns the usage of one request. */
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

/** Returns the sum of two usages. */
export function sum(one: UsageCounts, other: UsageCounts): UsageCounts {
  return {
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    throttled: one.throttled + other.throttled,
    latencyMs: one.latencyMs + other.latencyMs,
    lastUsedAt: Math.max(one.lastUsedAt, other.lastUsedAt),
  };
}
