import { InvalidInputError, refusalOf, type InputFault } from '../management/errors.ts';
import { OPERATIONS, type OperationName } from '../management/operations.ts';
import { RefusedError } from './refused-error.ts';

/**
 * Returns an operation's input as JSON. The client checks the fields, in addition to the operation, because a function of an
 * older release could take an unknown field for something other than data.
 *
 * @throws {RefusedError} with `invalid_input`, if the operation has no such field
 */
export function inputToJson(operation: OperationName, input: object): string {
  const known: readonly string[] = OPERATIONS[operation].fields;
  const accepted = known.length === 0 ? 'no fields' : `the fields ${known.join(', ')}`;
  refuse(
    fieldsOf(input)
      .filter((field) => !known.includes(field))
      .map((field) => ({ field, message: 'unknown field', accepted })),
  );
  // A copy, so that an inherited `toJSON` is not called.
  return JSON.stringify({ ...input });
}

/**
 * Adds the caller's fields to the fields that the method sets, such as the prefix of the key.
 *
 * @throws {RefusedError} with `invalid_input`, if the caller gives a field that the method sets
 */
export function withOptions(set: object, given: object): object {
  const own = fieldsOf(set);
  refuse(
    fieldsOf(given)
      .filter((field) => own.includes(field))
      .map((field) => ({ field, message: 'is set by the method itself; leave it out' })),
  );
  return { ...given, ...set };
}

/** Returns the names of the fields that are sent: those that are not `undefined`. */
function fieldsOf(input: object): string[] {
  return Object.entries(input).flatMap(([field, value]) => (value === undefined ? [] : [field]));
}

function refuse(faults: readonly InputFault[]): void {
  if (faults.length > 0) throw new RefusedError(refusalOf(new InvalidInputError(faults)).error);
}
