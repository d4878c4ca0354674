/**
 * The limiter, for APIs behind the authorizer: as a middleware, or without middy as a function. It talks to DynamoDB by
 * the AWS SDK, which Lambda's runtime has. docs/limits.md tells when to use it, and when API Gateway's usage plans.
 */
export { limitHeaders, refusal, type LimitAnswer } from './rate-limit/answer.ts';
export {
  createLimiter,
  type Limited,
  type Limiter,
  type LimiterOptions,
  type OnOutage,
  type Verdict,
} from './rate-limit/limiter.ts';
export { rateLimit, type RateLimitOptions } from './rate-limit/middleware.ts';
export { CounterStore } from './rate-limit/counter-store.ts';
export { countingClient } from './rate-limit/counting-client.ts';
export { LimitNotes } from './rate-limit/limit-notes.ts';
