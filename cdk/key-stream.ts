import { Duration } from 'aws-cdk-lib';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import {
  EventSourceMapping,
  StartingPosition,
  type EventSourceMappingOptions,
  type Function,
} from 'aws-cdk-lib/aws-lambda';
import { statementsForStream } from './table-access.ts';

/**
 * Calls a function with the changes of a table, in the order in which each key's were made. A change that
 * cannot be handled is tried again until it is a day old, and holds up what comes after it on its shard.
 *
 * @throws {Error} if the table has no stream
 */
export function onKeyChanges(handler: Function, table: ITable | ITableV2): void {
  onChanges(handler, 'KeyChanges', table);
}

/**
 * As {@link onKeyChanges}, of any table.
 *
 * @param options what is different
 * @throws {Error} if the table has no stream
 */
export function onChanges(
  handler: Function,
  id: string,
  table: ITable | ITableV2,
  options: Pick<EventSourceMappingOptions, 'filters' | 'onFailure' | 'bisectBatchOnError' | 'maxRecordAge'> = {},
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
    maxRecordAge: Duration.hours(24),
    reportBatchItemFailures: true,
    ...options,
  });
  // Lambda looks at once whether it may read the stream. Not on the function: it contains its other mappings, too.
  if (handler.role !== undefined) mapping.node.addDependency(handler.role);
}
