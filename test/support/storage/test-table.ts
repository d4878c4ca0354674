import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { documentClient } from '../../../src/storage/client.ts';
import { createLimitsTable, createTable } from '../../../local/create-table.ts';

/** The connection settings for DynamoDB Local. */
export function localConnection() {
  return {
    endpoint: inject('dynamodbEndpoint'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
}

/** Creates a table on DynamoDB Local. Returns it with a client. */
export async function testTable(create = createTable): Promise<{ tableName: string; client: DynamoDBDocumentClient }> {
  const tableName = `table-${randomUUID()}`;
  const client = new DynamoDBClient(localConnection());
  await create(client, tableName);
  client.destroy();
  return { tableName, client: documentClient(localConnection()) };
}

/** Creates a table for the limiter. */
export function testLimitsTable() {
  return testTable(createLimitsTable);
}
