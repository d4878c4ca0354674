import { InvalidInputError } from '../errors.ts';

/**
 * Returns the name to record: over HTTP, the principal of the request; in a direct invocation, the name in the input.
 *
 * @throws {InvalidInputError} if the input of an HTTP request has a name
 */
export function nameOf(principal: string | undefined, claimed: string | undefined): string | undefined {
  if (principal !== undefined && claimed !== undefined)
    throw new InvalidInputError([
      {
        field: 'by',
        message: 'not accepted over HTTP',
        accepted: 'no value: the principal of the request is recorded',
      },
    ]);
  return principal ?? claimed;
}
