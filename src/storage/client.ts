import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CompleteResponseHandler } from './complete-response-handler.ts';

/**
 * Reads every number as a JavaScript number. By default, the SDK throws for numbers that lose digits, and one number in an
 * item that was edited by hand would make a whole batch unreadable.
 */
export const NUMBERS_OF_ANY_SIZE = { wrapNumbers: Number };

/**
 * Returns a DynamoDB client with short timeouts. A request that times out is retried on another connection, which helps if
 * a connection broke while the execution environment was frozen.
 *
 * The SDK reads the Region, the credentials and `AWS_ENDPOINT_URL_DYNAMODB` from the environment.
 */
export function documentClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: new CompleteResponseHandler({ connect: 500, begin: 1000, whole: 2000 }),
    ...config,
  });
  return DynamoDBDocumentClient.from(client, {
    // The SDK takes an object with a field named `constructor` for an instance of a class.
    marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true },
    // A copy, because the SDK adds options to it.
    unmarshallOptions: { ...NUMBERS_OF_ANY_SIZE },
  });
}
