import { serializeList } from 'structured-headers';
import type { PolicyState } from '../core/limits/allowance.ts';
import type { LimitResult } from './limiter.ts';

/** A response of a Lambda proxy integration. */
export interface LimitResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-11.html#section-5 */
const PROBLEM_TYPES = 'https://iana.org/assignments/http-problem-types#';

/** The `Retry-After` of an outage, in seconds. Short, because an outage can be over at once. */
const OUTAGE_RETRY_SECONDS = 1;

/**
 * Returns the header fields `RateLimit-Policy` and `RateLimit` of a response. Without limits there are no fields.
 *
 * `r` is the number of requests left. `t` is the number of seconds until there are more: until the next token of the rate's
 * bucket, or until the quota refills.
 *
 * https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-11.html
 */
export function limitHeaders(result: LimitResult): Record<string, string> {
  const policies = result.allowed || result.reason === 'limited' ? result.policies : [];
  if (policies.length === 0) return {};
  return {
    'RateLimit-Policy': list(policies, ({ quota, windowSeconds }) => ({ q: quota, w: windowSeconds })),
    RateLimit: list(policies, ({ remaining, resetSeconds }) => ({ r: remaining, t: resetSeconds })),
  };
}

/**
 * Returns the response to a rejected request, as problem details (RFC 9457): 429, or 503 if the request could not be counted.
 *
 * https://www.rfc-editor.org/rfc/rfc9457
 */
export function limitRefusal(result: Exclude<LimitResult, { allowed: true }>): LimitResponse {
  if (result.reason === 'outage') {
    const title = 'Requests cannot be counted at the moment';
    return problem(503, 'temporary-reduced-capacity', title, OUTAGE_RETRY_SECONDS);
  }
  const { violated, policies } = result;
  // At least one second: `Retry-After` has whole seconds, and an earlier retry would be rejected again.
  const waits = policies.filter(({ name }) => violated.includes(name)).map(({ resetSeconds }) => resetSeconds);
  const response = problem(
    429,
    'quota-exceeded',
    'Request cannot be satisfied as assigned quota has been exceeded',
    Math.max(1, ...waits),
    { 'violated-policies': violated },
  );
  return { ...response, headers: { ...response.headers, ...limitHeaders(result) } };
}

function problem(
  statusCode: number,
  type: string,
  title: string,
  retryAfter: number,
  more: object = {},
): LimitResponse {
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
