import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';
import { documentClient } from '../storage/client.ts';
import { CompleteResponseHandler } from '../storage/complete-response-handler.ts';

/** What a write meets on a connection that has died while the environment was frozen. */
const DEAD_CONNECTION = new Set(['ECONNRESET', 'EPIPE']);

/**
 * A client for writes that count. One that was not answered may have counted, and counts twice if it is sent again: it
 * gets more time instead. Only where the connection is dead it is sent once more, on another: then it has most likely not
 * arrived, and every first request after a pause would be refused. If it has, a caller is let in once too seldom, never
 * too often.
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
    // An answer that has begun, and was cut off, says that the write has arrived.
    if ('$response' in error) throw error;
    return super.refreshRetryTokenForRetry(token, errorInfo);
  }
}
