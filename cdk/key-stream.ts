import { Duration } from 'aws-cdk-lib';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import {
  EventSourceMapping,
  StartingPosition,
  type EventSourceMappingOptions,
  type Function,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { statementsForStream } from './table-access.ts';

/**
 * For how long a change is tried to be handled. A stream keeps its changes for a day: what is told to the queue by then
 * can still be read there for two hours.
 */
const TRIED_FOR = Duration.hours(22);

/**
 * Calls a function with the changes of a table, in the order in which each item's were made. A change that cannot be
 * handled is tried again until it is 22 hours old, and holds up what comes after it on its shard; then the queue is told where
 * it is.
 *
 * @param options what is different
 * @throws {Error} if the table has no stream
 */
export function onChanges(
  handler: Function,
  id: string,
  table: ITable | ITableV2,
  unhandled: IQueue,
  options: Pick<EventSourceMappingOptions, 'filters' | 'retryAttempts'> = {},
): void {
  const { tableStreamArn } = table;
  if (tableStreamArn === undefined)
    throw new Error('the table has no stream; accepted: a KeysTable, or a table with a stream of NEW_AND_OLD_IMAGES');
  for (const statement of statementsForStream(table, tableStreamArn)) handler.addToRolePolicy(statement);
  const mapping = new EventSourceMapping(handler, id, {
    target: handler,
    eventSourceArn: tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    maxRecordAge: TRIED_FOR,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    onFailure: new SqsDlq(unhandled),
    ...options,
  });
  // Lambda looks at once whether it may read the stream. Not on the function: it contains its other mappings, too.
  if (handler.role !== undefined) mapping.node.addDependency(handler.role);
}
