import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { INDEXES, KEY_ATTRIBUTE, TTL_ATTRIBUTE } from '../../src/storage/table.ts';
import { checked, type Finding } from './check.ts';

const REDEPLOY = 'deploy the stack again; the KeysTable construct has the right settings';

const RESTORE = 'restore the table, as in docs/operations.md, or deploy the stack again for an empty one';

/**
 * Checks the schema, indexes, TTL and backups of the table.
 *
 * @param options.protection whether to check deletion protection and backups, which DynamoDB Local does not need @default true
 */
export async function checkTable(
  client: DynamoDBClient,
  TableName: string,
  { protection = true }: { readonly protection?: boolean } = {},
): Promise<Finding[]> {
  return Promise.all([
    checked('Table', { permission: 'dynamodb:DescribeTable', advice: RESTORE }, async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      const key = Table?.KeySchema?.map(({ AttributeName }) => AttributeName).join(', ') ?? '';
      const status = Table?.TableStatus ?? 'missing';
      if (key !== KEY_ATTRIBUTE)
        return { status: 'fault', found: `${TableName} has the key ${key}, not ${KEY_ATTRIBUTE}`, advice: REDEPLOY };
      const working = status === 'ACTIVE' || status === 'UPDATING';
      if (!working)
        return { status: 'fault', found: `${TableName} is ${status}`, advice: 'wait, or restore the table' };
      if (!protection) return { status: 'ok', found: TableName };
      return Table?.DeletionProtectionEnabled === true
        ? { status: 'ok', found: `${TableName}, protected from deletion` }
        : {
            status: 'warning',
            found: `${TableName} can be deleted by mistake`,
            advice: 'set deletionProtection on KeysTable',
          };
    }),
    checked('Indexes', { permission: 'dynamodb:DescribeTable', advice: RESTORE }, async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      const states = new Map(
        Table?.GlobalSecondaryIndexes?.map(({ IndexName, IndexStatus }) => [IndexName, IndexStatus]),
      );
      const inactive = INDEXES.filter(({ name }) => states.get(name) !== 'ACTIVE');
      if (inactive.length === 0) return { status: 'ok', found: INDEXES.map(({ name }) => name).join(', ') };
      const found = inactive.map(({ name }) => `${name} is ${states.get(name) ?? 'missing'}`).join(', ');
      return { status: 'fault', found, advice: `lists don’t work until the indexes are active; wait, or ${REDEPLOY}` };
    }),
    checked('TTL', { permission: 'dynamodb:DescribeTimeToLive', advice: RESTORE }, async () => {
      const { TimeToLiveDescription: ttl } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
      if (ttl?.TimeToLiveStatus === 'ENABLED' && ttl.AttributeName === TTL_ATTRIBUTE)
        return { status: 'ok', found: `enabled on ${TTL_ATTRIBUTE}` };
      return {
        status: 'warning',
        found: 'off, so expired and revoked keys are never deleted',
        advice: `enable TTL on ${TTL_ATTRIBUTE}`,
      };
    }),
    ...(protection ? [checkBackups(client, TableName)] : []),
  ]);
}

function checkBackups(client: DynamoDBClient, TableName: string): Promise<Finding> {
  return checked('Backups', { permission: 'dynamodb:DescribeContinuousBackups', advice: RESTORE }, async () => {
    const { ContinuousBackupsDescription: backups } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    return backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED'
      ? { status: 'ok', found: 'point-in-time recovery' }
      : {
          status: 'warning',
          found: 'no point-in-time recovery',
          advice: 'set pointInTimeRecovery on KeysTable, because lost keys can’t be restored otherwise',
        };
  });
}
