import { InvalidInputError, refusalOf, type InputFault } from '../management/errors.ts';
import { OPERATIONS, type OperationName } from '../management/operations.ts';
import { RefusedError } from './refused-error.ts';

/**
 * Writes an operation's input as the JSON that is sent. It is checked here as well as by the operation: a function that
 * was deployed by an older version could take an unknown field for something else than data.
 *
 * @throws {RefusedError} with `invalid_input`, if the input has a field that the operation does not know
 */
export function inputToJson(operation: OperationName, input: object): string {
  const known: readonly string[] = OPERATIONS[operation].fields;
  const accepted = known.length === 0 ? 'no fields' : `the fields ${known.join(', ')}`;
  refuse(
    fieldsOf(input)
      .filter((field) => !known.includes(field))
      .map((field) => ({ field, message: 'unknown field', accepted })),
  );
  // A copy, without a `toJSON` that the input inherits.
  return JSON.stringify({ ...input });
}

/**
 * Adds what a call's caller has given to what the call itself sets, such as the key that it is about.
 *
 * @throws {RefusedError} with `invalid_input`, if the caller has given a field that the call sets
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

/** What is `undefined` is not sent. */
function fieldsOf(input: object): string[] {
  return Object.entries(input).flatMap(([field, value]) => (value === undefined ? [] : [field]));
}

function refuse(faults: readonly InputFault[]): void {
  if (faults.length > 0) throw new RefusedError(refusalOf(new InvalidInputError(faults)).error);
}
