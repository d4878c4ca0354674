import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { documentClient } from '../../../src/storage/client.ts';
import { createLimitsTable, createTable } from '../../../local/create-table.ts';

/** How any client reaches DynamoDB Local. */
export function localConnection() {
  return {
    endpoint: inject('dynamodbEndpoint'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
}

/** A fresh table on DynamoDB Local, and a client of it. */
export async function testTable(create = createTable): Promise<{ tableName: string; client: DynamoDBDocumentClient }> {
  const tableName = `table-${randomUUID()}`;
  const client = new DynamoDBClient(localConnection());
  await create(client, tableName);
  client.destroy();
  return { tableName, client: documentClient(localConnection()) };
}

/** A fresh table for the limiter. */
export function testLimitsTable() {
  return testTable(createLimitsTable);
}
