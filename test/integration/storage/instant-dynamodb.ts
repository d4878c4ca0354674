import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { HttpResponse } from '@smithy/core/transport';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { documentClient } from '../../../src/storage/client.ts';
import { localConnection } from '../../support/storage/test-table.ts';

/** A DynamoDB client that responds without a network, for tests with ten thousand requests. */
export function instantDynamoDb(): {
  readonly client: DynamoDBDocumentClient;
  /** Returns the number of requests. */
  asked: () => number;
  /** Sets the response from now on. @default an empty, successful response */
  answer: (status: number, content: object) => void;
} {
  let asked = 0;
  let [statusCode, body] = [200, '{}'];
  class Instantly extends NodeHttpHandler {
    override handle(): ReturnType<NodeHttpHandler['handle']> {
      asked++;
      return Promise.resolve({ response: new HttpResponse({ statusCode, body: Buffer.from(body) }) });
    }
  }
  return {
    client: documentClient({ ...localConnection(), requestHandler: new Instantly() }),
    asked: () => asked,
    answer: (status, content) => {
      [statusCode, body] = [status, JSON.stringify(content)];
    },
  };
}
