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
 * How long Lambda retries a change. A stream keeps its changes for a day, so a change can still be read from the stream for two
 * hours after its position went to the queue.
 */
const RETRY_PERIOD = Duration.hours(22);

/** The event source mappings of each table's stream. */
const readers = new WeakMap<ITable | ITableV2, EventSourceMapping[]>();

/**
 * Invokes a function with the changes of a table, in order for each item. Lambda retries a failed change until it is 22 hours
 * old. Until then, it doesn't process later changes of the same shard. After that, it sends the position of the change to the
 * queue.
 *
 * @param options overrides of these settings
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
    throw new Error('The table has no stream. Use a KeysTable, or a table with a stream of NEW_AND_OLD_IMAGES.');
  for (const statement of statementsForStream(table, tableStreamArn)) handler.addToRolePolicy(statement);
  const mapping = new EventSourceMapping(handler, id, {
    target: handler,
    eventSourceArn: tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    maxRecordAge: RETRY_PERIOD,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    onFailure: new SqsDlq(unhandled),
    ...options,
  });
  // Lambda checks at creation whether the role can read the stream. The dependency is on the role, not on the function, because
  // the function contains its other mappings.
  if (handler.role !== undefined) mapping.node.addDependency(handler.role);
  warnAboutSecondReader(table, mapping);
}

/**
 * A stream supports two readers. For a global table AWS recommends one, because replication reads it too:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
function warnAboutSecondReader(table: ITable | ITableV2, mapping: EventSourceMapping): void {
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

/** Whether a table has replicas. For a table of another app this is unknown, and the result is `false`. */
function hasReplicas(table: ITable | ITableV2): boolean {
  const resource = table.node.defaultChild;
  if (!(resource instanceof CfnGlobalTable)) return false;
  return (Stack.of(table).resolve(resource.replicas) as readonly unknown[]).length > 1;
}
