import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type AttributeDefinition,
  type CreateTableCommandInput,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
} from '@aws-sdk/client-dynamodb';
import { LIMITS_KEY_ATTRIBUTE, LIMITS_TTL_ATTRIBUTE } from '../src/rate-limit/limits-table.ts';
import { USAGE_KEY_ATTRIBUTE, USAGE_SORT_ATTRIBUTE, USAGE_TTL_ATTRIBUTE } from '../src/usage/usage-table.ts';
import { INDEXES, KEY_ATTRIBUTE, TTL_ATTRIBUTE, type IndexSchema } from '../src/storage/table.ts';

/** Creates the keys table from its schema. Does not change an existing table. */
export async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  await ensureTable(client, TTL_ATTRIBUTE, {
    TableName: tableName,
    KeySchema: [{ AttributeName: KEY_ATTRIBUTE, KeyType: 'HASH' }],
    AttributeDefinitions: attributeDefinitions(),
    GlobalSecondaryIndexes: INDEXES.map(globalIndex),
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
}

/** Creates the rate limiter's table. */
export async function createLimitsTable(client: DynamoDBClient, tableName: string): Promise<void> {
  await ensureTable(client, LIMITS_TTL_ATTRIBUTE, {
    TableName: tableName,
    KeySchema: [{ AttributeName: LIMITS_KEY_ATTRIBUTE, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: LIMITS_KEY_ATTRIBUTE, AttributeType: 'S' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  });
}

/** Creates the usage table. */
export async function createUsageTable(client: DynamoDBClient, tableName: string): Promise<void> {
  await ensureTable(client, USAGE_TTL_ATTRIBUTE, {
    TableName: tableName,
    KeySchema: [
      { AttributeName: USAGE_KEY_ATTRIBUTE, KeyType: 'HASH' },
      { AttributeName: USAGE_SORT_ATTRIBUTE, KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: USAGE_KEY_ATTRIBUTE, AttributeType: 'S' },
      { AttributeName: USAGE_SORT_ATTRIBUTE, AttributeType: 'S' },
    ],
  });
}

async function ensureTable(
  client: DynamoDBClient,
  ttlAttribute: string,
  table: Omit<CreateTableCommandInput, 'BillingMode'>,
): Promise<void> {
  try {
    await client.send(new CreateTableCommand({ ...table, BillingMode: 'PAY_PER_REQUEST' }));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  const { TableName } = table;
  await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 60 }, { TableName });
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  // DynamoDB rejects a request to enable TTL twice.
  if (TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: ttlAttribute, Enabled: true },
    }),
  );
}

/** Returns each key attribute once, because indexes share some. */
function attributeDefinitions(): AttributeDefinition[] {
  const types = new Map<string, 'S' | 'N'>([[KEY_ATTRIBUTE, 'S']]);
  for (const { partitionKey, sortKey } of INDEXES) types.set(partitionKey, 'S').set(sortKey.name, sortKey.type);
  return [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}

function globalIndex({ name, partitionKey, sortKey, projection }: IndexSchema): GlobalSecondaryIndex {
  return {
    IndexName: name,
    KeySchema: [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      { AttributeName: sortKey.name, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...projection] },
  };
}
