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
 * Reads a table's stream as Lambda's poller does. Each call returns the changes since the previous one, in the form of
 * Lambda's event.
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
    // A new iterator each time: in DynamoDB Local, an iterator from an empty stream stops working when other tables are
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
        // The SDK returns a Date, where Lambda's event has seconds.
        ApproximateCreationDateTime: (dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
      },
    })) as DynamoDBRecord[];
  };
}
