import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';
import { documentClient } from '../storage/client.ts';
import { CompleteResponseHandler } from '../storage/complete-response-handler.ts';

/** The errors of a write on a connection that was closed while the environment was frozen. */
const DEAD_CONNECTION = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Returns a DynamoDB client for writes that count requests. A write without a response may have been counted, and a retry
 * would count it twice, so the client waits longer instead of retrying. The exception is a dead connection: the write has
 * most likely not arrived, and without a retry the first request after each pause would fail. If the write did arrive, the
 * request is counted twice, so that the caller gets one request fewer, never one more.
 *
 * @example
 * const table = { client: countingClient(), tableName };
 * const limit = createLimiter({ counters: new CounterStore(table), notes: new LimitNotes(table) });
 */
export function countingClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  return documentClient({
    requestHandler: new CompleteResponseHandler({ connect: 1000, begin: 3000, whole: 3500 }),
    retryStrategy: new DeadConnectionRetryStrategy(2),
    ...config,
  });
}

class DeadConnectionRetryStrategy extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    token: StandardRetryToken,
    errorInfo: RetryErrorInfo,
  ): Promise<StandardRetryToken> {
    const error: unknown = errorInfo.error;
    if (!(error instanceof Error && 'code' in error && DEAD_CONNECTION.has(String(error.code)))) throw error;
    // A response that was cut off shows that the write has arrived.
    if ('$response' in error) throw error;
    return super.refreshRetryTokenForRetry(token, errorInfo);
  }
}
