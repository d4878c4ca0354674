import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Times of one attempt, in milliseconds. */
export interface AttemptTimes {
  readonly connect: number;
  /** To the head of an answer. */
  readonly answer: number;
  /** To its last byte. */
  readonly whole: number;
}

const ATTEMPT_TIMES: AttemptTimes = { connect: 500, answer: 1000, whole: 2000 };

/**
 * None of ours is beyond what JavaScript holds exactly, but somebody can edit an item by hand: one number in one item must
 * not make a whole batch unreadable.
 */
export const NUMBERS_OF_ANY_SIZE = { wrapNumbers: Number };

/** The SDK's own times end with the head of an answer: a body that never ends would be waited for until Lambda gives up. */
class WholeAnswerHandler extends NodeHttpHandler {
  readonly #wholeMs: number;

  constructor({ connect, answer, whole }: AttemptTimes) {
    super({ connectionTimeout: connect, requestTimeout: answer, throwOnRequestTimeout: true });
    this.#wholeMs = whole;
  }

  override handle(...[request, options]: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const inTime = AbortSignal.timeout(this.#wholeMs);
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
export function documentClient(
  config: DynamoDBClientConfig = {},
  times: AttemptTimes = ATTEMPT_TIMES,
): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: new WholeAnswerHandler(times),
    ...config,
  });
  return DynamoDBDocumentClient.from(client, {
    // An object with a field named `constructor` passes for an instance of a class.
    marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true },
    // A copy: the SDK writes options of its own into it.
    unmarshallOptions: { ...NUMBERS_OF_ANY_SIZE },
  });
}
