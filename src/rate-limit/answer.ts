import { serializeList } from 'structured-headers';
import type { PolicyState } from '../core/limits/allowance.ts';
import type { Verdict } from './limiter.ts';

/** A proxy integration's answer. */
export interface LimitAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-11.html#section-5 */
const PROBLEM_TYPES = 'https://iana.org/assignments/http-problem-types#';

/** How long to wait after an outage: it may be over at once, and everybody waits for it. */
const OUTAGE_RETRY_SECONDS = 1;

/**
 * The `RateLimit-Policy` and `RateLimit` fields of an answer; none for a key without limits.
 *
 * `t` is the time within which there is no room for more than `r` requests: until the next token, or until the
 * quota refills.
 *
 * https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-11.html
 */
export function limitHeaders(verdict: Verdict): Record<string, string> {
  const policies = verdict.allowed || verdict.reason === 'limited' ? verdict.policies : [];
  if (policies.length === 0) return {};
  return {
    'RateLimit-Policy': list(policies, ({ quota, windowSeconds }) => ({ q: quota, w: windowSeconds })),
    RateLimit: list(policies, ({ remaining, resetSeconds }) => ({ r: remaining, t: resetSeconds })),
  };
}

/** What a refused caller is answered: 429, or 503 if the request could not be counted. */
export function refusal(verdict: Exclude<Verdict, { allowed: true }>): LimitAnswer {
  if (verdict.reason === 'outage') {
    const title = 'Requests cannot be counted for the moment';
    return problem(503, 'temporary-reduced-capacity', title, OUTAGE_RETRY_SECONDS);
  }
  const { violated, policies } = verdict;
  // At least one second: a client that comes back in the same one would be refused again.
  const waits = policies.filter(({ name }) => violated.includes(name)).map(({ resetSeconds }) => resetSeconds);
  const answer = problem(
    429,
    'quota-exceeded',
    'Request cannot be satisfied as assigned quota has been exceeded',
    Math.max(1, ...waits),
    { 'violated-policies': violated },
  );
  return { ...answer, headers: { ...answer.headers, ...limitHeaders(verdict) } };
}

function problem(statusCode: number, type: string, title: string, retryAfter: number, more: object = {}): LimitAnswer {
  return {
    statusCode,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'Retry-After': String(retryAfter),
    },
    body: JSON.stringify({ type: PROBLEM_TYPES + type, title, status: statusCode, ...more }),
  };
}

function list(policies: readonly PolicyState[], parameters: (policy: PolicyState) => Record<string, number>): string {
  return serializeList(policies.map((policy) => [policy.name, new Map(Object.entries(parameters(policy)))]));
}
