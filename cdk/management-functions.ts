import { Duration } from 'aws-cdk-lib';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { toEnvironment, type ManagementSettings } from '../src/gateway/settings.ts';
import {
  definitionOf,
  KEY_OPERATIONS,
  requirementOf,
  titleOf,
  type KeyOperation,
} from '../src/management/operations.ts';
import { ownerItemKey } from '../src/storage/table.ts';
import { LatchkeyFunction, type FunctionOptions } from './latchkey-function.ts';
import { statementsFor, type TableAccess } from './table-access.ts';

/** Options of {@link managementFunctions}. */
export interface ManagementFunctionsOptions extends FunctionOptions {
  readonly settings: ManagementSettings;
  /** Whether no function may write to the table. */
  readonly readOnly: boolean;
}

/** The functions of the management operations. */
export interface ManagementFunctions {
  /** The operations that have a function. */
  readonly operations: readonly KeyOperation[];
  /** Reading the function of an operation that has none throws an error that names the prop to set. */
  readonly functions: Readonly<Record<KeyOperation, Function>>;
}

/** Creates a function for each management operation that these settings enable. */
export function managementFunctions(
  scope: Construct,
  table: ITable | ITableV2,
  { settings, readOnly, ...options }: ManagementFunctionsOptions,
): ManagementFunctions {
  const create = (operation: KeyOperation): Function => {
    const { entry, description } = definitionOf(operation);
    const access = accessOf(operation, settings);
    return new LatchkeyFunction(scope, titleOf(operation), {
      ...options,
      entry,
      description,
      // The longest that API Gateway waits for the admin API. It covers the SDK's retries and the wait for the last flush.
      timeout: Duration.seconds(29),
      environment: toEnvironment(table.tableName, settings),
      statements: statementsFor(table, readOnly ? { ...access, write: [] } : access),
    }).function;
  };
  const operations = KEY_OPERATIONS.filter(
    (operation) => settings.ownerSuspension || definitionOf(operation).requires !== 'ownerSuspension',
  );
  const functions = new Map(operations.map((operation) => [operation, create(operation)]));
  const properties = KEY_OPERATIONS.map((operation): [KeyOperation, PropertyDescriptor] => [
    operation,
    {
      enumerable: functions.has(operation),
      get: () => {
        const existing = functions.get(operation);
        if (existing !== undefined) return existing;
        throw new Error(
          `${scope.node.path} has no function for the operation "${operation}", which requires ${String(requirementOf(operation))}.`,
        );
      },
    },
  ]);
  return {
    operations,
    functions: Object.defineProperties({}, Object.fromEntries(properties)) as Record<KeyOperation, Function>,
  };
}

/** Operations on owners have access to the items of owners, and not to keys. */
function accessOf(operation: KeyOperation, { label }: ManagementSettings): TableAccess {
  const { access, requires } = definitionOf(operation);
  return requires === 'ownerSuspension' ? { ...access, onlyUnder: ownerItemKey(label, '*') } : access;
}
