import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import { keyOf } from './event.ts';

/** Common code: the SDK's client, its document client, and middy. */
const client = DynamoDBDocumentClient.from(new DynamoDBClient());

export const handler = middy((event: object): Promise<unknown> => {
  const Key = { prefix: keyOf(event).slice(3, 15) };
  return client.send(new GetCommand({ TableName: process.env['LATCHKEY_TABLE'], Key }));
});
