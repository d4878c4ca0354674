import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import { localConnection } from '../storage/test-table.ts';

/**
 * Reads a table's stream as Lambda's poller does: each call answers the changes since the one before, in the form
 * that Lambda hands them on.
 */
export async function streamReader(tableName: string): Promise<() => Promise<DynamoDBRecord[]>> {
  const tables = new DynamoDBClient(localConnection());
  const { Table } = await tables.send(new DescribeTableCommand({ TableName: tableName }));
  tables.destroy();
  const client = new DynamoDBStreamsClient(localConnection());
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  const [shard] = StreamDescription?.Shards ?? [];
  let last: string | undefined;
  return async () => {
    // A new iterator each time: one from when the stream was empty is no good to DynamoDB Local once other tables are
    // written.
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamArn,
        ShardId: shard?.ShardId,
        ...(last === undefined
          ? { ShardIteratorType: 'TRIM_HORIZON' }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: last }),
      }),
    );
    const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
    last = Records.at(-1)?.dynamodb?.SequenceNumber ?? last;
    return Records.map(({ dynamodb, ...record }) => ({
      ...record,
      dynamodb: {
        ...dynamodb,
        // The SDK reads a time, where Lambda writes seconds.
        ApproximateCreationDateTime: (dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
      },
    })) as DynamoDBRecord[];
  };
}
