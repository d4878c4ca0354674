import { Annotations, Aspects, Duration, Stack } from 'aws-cdk-lib';
import { CfnGlobalTable, type ITable, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
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
 * For how long Lambda tries to handle a change. A stream keeps its changes for a day: what the queue holds by then can still
 * be read from the stream for two hours.
 */
const TRIED_FOR = Duration.hours(22);

/** The mappings that read the stream of a table, by the table. */
const readers = new WeakMap<ITable | ITableV2, EventSourceMapping[]>();

/**
 * Calls a function with the changes of a table, in order for each item. Lambda retries a change that can't be handled until
 * the change is 22 hours old. Until then the changes after it on its shard wait. Then the queue gets its position.
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
  warnOfSecondReader(table, mapping);
}

/**
 * A stream takes two readers. For a global table AWS recommends one, because replication reads it too:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
function warnOfSecondReader(table: ITable | ITableV2, mapping: EventSourceMapping): void {
  const mappings = [...(readers.get(table) ?? []), mapping];
  readers.set(table, mappings);
  if (mappings.length !== 2) return;
  // An aspect, because replicas can be added to a table after its readers.
  Aspects.of(mapping).add({
    visit(node) {
      if (node !== mapping || !hasReplicas(table)) return;
      Annotations.of(mapping).addWarningV2(
        'latchkey:streamReaders',
        `${String(mappings.length)} functions read the stream of ${table.node.path}, which is a global table. AWS recommends one reader per shard of a global table's stream. Use KeyEvents or UsagePlans, not both, or expect the functions to be throttled and watch the metric IteratorAge of both.`,
      );
    },
  });
}

/** Whether a table has replicas. Of a table from another app it is not known. */
function hasReplicas(table: ITable | ITableV2): boolean {
  const resource = table.node.defaultChild;
  if (!(resource instanceof CfnGlobalTable)) return false;
  return (Stack.of(table).resolve(resource.replicas) as readonly unknown[]).length > 1;
}
