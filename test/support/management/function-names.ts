import { OPERATION_NAMES, OPERATIONS, type OperationName } from '../../../src/management/operations.ts';

/** The function name of each operation in a local deployment. It is the name of the entry file. */
export const FUNCTION_NAMES = Object.fromEntries(
  OPERATION_NAMES.map((operation) => [operation, OPERATIONS[operation].entry]),
) as Record<OperationName, string>;
