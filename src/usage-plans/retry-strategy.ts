import { LimitExceededException } from '@aws-sdk/client-api-gateway';
import type { RetryStrategyV2, RetryToken } from '@smithy/types';

/** With these pauses, a call fails after at most 90 seconds. */
const MAX_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;

/**
 * Returns a retry strategy for API Gateway's management API, which accepts ten calls per second per account.
 *
 * The SDK's strategies are not suitable. They treat `LimitExceededException` as throttling and retry it, although it means
 * that the account has reached its quota of keys. And one throttled batch uses up their retry tokens, after which they no
 * longer retry.
 *
 * @param firstPauseMs the longest first pause, in milliseconds. It doubles with each attempt. @default 500
 */
export function retryStrategy(firstPauseMs = FIRST_PAUSE_MS): RetryStrategyV2 {
  const tokenAfter = (attempts: number): RetryToken => ({
    getRetryCount: () => attempts,
    getRetryDelay: () => Math.random() * Math.min(firstPauseMs * 2 ** (attempts - 1), LONGEST_PAUSE_MS),
  });
  return {
    acquireInitialRetryToken: () => Promise.resolve(tokenAfter(0)),
    refreshRetryTokenForRetry(last, { error, errorType }) {
      const attempts = last.getRetryCount() + 1;
      const isFinal =
        errorType === 'CLIENT_ERROR' || error instanceof LimitExceededException || attempts >= MAX_ATTEMPTS;
      // The SDK ignores this error and throws the error of the call.
      return isFinal ? Promise.reject(new Error('no attempts left')) : Promise.resolve(tokenAfter(attempts));
    },
    recordSuccess: () => undefined,
  };
}
