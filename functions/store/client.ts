import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** For one attempt, to the last byte of its answer. */
const ATTEMPT_TIMEOUT_MS = 2000;

/**
 * None of ours is beyond what JavaScript holds exactly, but somebody can edit an item by hand: one number in one item must
 * not make a whole batch unreadable.
 */
export const NUMBERS_OF_ANY_SIZE = { wrapNumbers: Number };

/** The SDK's own times end with the head of an answer: a body that never ends would be waited for until Lambda gives up. */
class WholeAnswerHandler extends NodeHttpHandler {
  override handle(...[request, options]: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const inTime = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS);
    const given = options?.abortSignal;
    const abortSignal = given instanceof AbortSignal ? AbortSignal.any([given, inTime]) : inTime;
    return super.handle(request, { ...options, abortSignal });
  }
}

/**
 * A DynamoDB client that gives up early: a request that has not connected or answered in time is tried again
 * on another connection, which is what helps when one has died while the function was frozen.
 *
 * Region, credentials and `AWS_ENDPOINT_URL_DYNAMODB` come from the environment, as the SDK reads it.
 */
export function documentClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: new WholeAnswerHandler({
      connectionTimeout: 500,
      requestTimeout: 1000,
      throwOnRequestTimeout: true,
    }),
    ...config,
  });
  return DynamoDBDocumentClient.from(client, {
    // An object with a field named `constructor` passes for an instance of a class.
    marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true },
    // A copy: the SDK writes options of its own into it.
    unmarshallOptions: { ...NUMBERS_OF_ANY_SIZE },
  });
}
