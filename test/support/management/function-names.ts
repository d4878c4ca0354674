import { OPERATION_NAMES, OPERATIONS, type OperationName } from '../../../src/management/operations.ts';

/** The function of each operation in a local deployment, where a function has the name of its entry file. */
export const FUNCTION_NAMES = Object.fromEntries(
  OPERATION_NAMES.map((operation) => [operation, OPERATIONS[operation].entry]),
) as Record<OperationName, string>;
