import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { INDEXES } from '../../../src/storage/table.ts';
import { createTable } from '../../../local/create-table.ts';
import { localConnection, testTable } from '../../support/storage/test-table.ts';

it('creates the table that the schema describes, including TTL', async () => {
  const { client, tableName: TableName } = await testTable();
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table?.KeySchema).toEqual([{ AttributeName: 'prefix', KeyType: 'HASH' }]);
  const indexes = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => ({
    name: IndexName,
    keys: KeySchema?.map(({ AttributeName }) => AttributeName),
    projection: Projection?.NonKeyAttributes?.toSorted(),
  }));
  expect(indexes.toSorted((a, b) => String(a.name).localeCompare(String(b.name)))).toEqual(
    INDEXES.map(({ name, partitionKey, sortKey, projection }) => ({
      name,
      keys: [partitionKey, sortKey.name],
      projection: projection.toSorted(),
    })).toSorted((a, b) => a.name.localeCompare(b.name)),
  );
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' });
});

it('does not change an existing table', async () => {
  const { tableName: TableName } = await testTable();
  const client = new DynamoDBClient(localConnection());
  await client.send(new PutItemCommand({ TableName, Item: { prefix: { S: 'kept' } } }));
  await createTable(client, TableName);
  const { Items } = await client.send(new ScanCommand({ TableName }));
  expect(Items).toEqual([{ prefix: { S: 'kept' } }]);
});
