import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { WholeAnswerHandler } from './whole-answer-handler.ts';

/**
 * None of ours is beyond what JavaScript holds exactly, but somebody can edit an item by hand: one number in one item must
 * not make a whole batch unreadable.
 */
export const NUMBERS_OF_ANY_SIZE = { wrapNumbers: Number };

/**
 * A DynamoDB client that gives up early: a request that has not connected or answered in time is tried again
 * on another connection, which is what helps when one has died while the function was frozen.
 *
 * Region, credentials and `AWS_ENDPOINT_URL_DYNAMODB` come from the environment, as the SDK reads it.
 */
export function documentClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: new WholeAnswerHandler({ connect: 500, begin: 1000, whole: 2000 }),
    ...config,
  });
  return DynamoDBDocumentClient.from(client, {
    // An object with a field named `constructor` passes for an instance of a class.
    marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true },
    // A copy: the SDK writes options of its own into it.
    unmarshallOptions: { ...NUMBERS_OF_ANY_SIZE },
  });
}
