import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { keyOf } from './event.ts';

/** One command of the SDK's client. */
const client = new DynamoDBClient();

export function handler(event: object): Promise<unknown> {
  const Key = { prefix: { S: keyOf(event).slice(3, 15) } };
  return client.send(new GetItemCommand({ TableName: process.env['LATCHKEY_TABLE'], Key }));
}
