import { GetCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documentClient } from '../../../src/storage/client.ts';
import { answer, fakeDynamoDb, type FakeDynamoDb } from '../../support/storage/fast-reader/fake-dynamodb.ts';
import { localConnection } from '../../support/storage/test-table.ts';

describe('the DynamoDB client', () => {
  let dynamodb: FakeDynamoDb;
  let client: DynamoDBDocumentClient;
  beforeEach(async () => {
    dynamodb = await fakeDynamoDb();
    client = documentClient({ ...localConnection(), endpoint: dynamodb.endpoint });
  });
  afterEach(() => {
    client.destroy();
    dynamodb.stop();
  });

  it('writes no undefined fields, and any field names', async () => {
    const Item = { id: 'a', gone: undefined, metadata: { constructor: 'acme', gone: undefined } };
    await client.send(new PutCommand({ TableName: 't', Item }));
    expect(JSON.parse(dynamodb.received[0]?.body ?? '')).toMatchObject({
      Item: { id: { S: 'a' }, metadata: { M: { constructor: { S: 'acme' } } } },
    });
    expect(dynamodb.received[0]?.body).not.toContain('gone');
  });

  it('reads edited numbers that exceed the precision of JavaScript', async () => {
    dynamodb.next(answer({ Item: { id: { S: 'a' }, version: { N: '12345678901234567890123' } } }));
    const { Item } = await client.send(new GetCommand({ TableName: 't', Key: { id: 'a' } }));
    expect(Item).toEqual({ id: 'a', version: 1.2345678901234568e22 });
  });
});
