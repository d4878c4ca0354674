import { LimitExceededException } from '@aws-sdk/client-api-gateway';
import type { RetryStrategyV2, RetryToken } from '@smithy/types';

/** With these pauses a call is given up after a minute and a half at most. */
const TRIES = 10;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;

/**
 * How a call of API Gateway's own API is tried again: patiently, for it takes ten a second of a whole account.
 *
 * The SDK's own ways would not do. They take `LimitExceededException`, an account that has all the keys it can have, for
 * throttling, and wait for what does not pass. And what they allow themselves of tries is used up by one batch that is
 * throttled all along: from then on they give up at once.
 */
export function patience(firstPauseMs = FIRST_PAUSE_MS): RetryStrategyV2 {
  const after = (tries: number): RetryToken => ({
    getRetryCount: () => tries,
    getRetryDelay: () => Math.random() * Math.min(firstPauseMs * 2 ** (tries - 1), LONGEST_PAUSE_MS),
  });
  return {
    acquireInitialRetryToken: () => Promise.resolve(after(0)),
    refreshRetryTokenForRetry(last, { error, errorType }) {
      const tries = last.getRetryCount() + 1;
      const hopeless = errorType === 'CLIENT_ERROR' || error instanceof LimitExceededException || tries >= TRIES;
      // What the call throws is its own error, whatever is said here.
      return hopeless ? Promise.reject(new Error('not tried again')) : Promise.resolve(after(tries));
    },
    recordSuccess: () => undefined,
  };
}
