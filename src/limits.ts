/**
 * The rate limiter for APIs behind the authorizer: a middy middleware, or a function. It uses the AWS SDK of Lambda's
 * runtime. docs/limits.md explains when to use it, and when to use API Gateway's usage plans.
 */
export { limitHeaders, limitRefusal, type LimitResponse } from './rate-limit/response.ts';
export {
  createLimiter,
  type Limited,
  type Limiter,
  type LimiterOptions,
  type OnOutage,
  type LimitResult,
} from './rate-limit/limiter.ts';
export { rateLimit, type RateLimitOptions } from './rate-limit/middleware.ts';
export { CounterStore } from './rate-limit/counter-store.ts';
export { countingClient } from './rate-limit/counting-client.ts';
export { LimitNotes } from './rate-limit/limit-notes.ts';
