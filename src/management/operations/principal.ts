import { InvalidInputError } from '../errors.ts';

/**
 * Returns who is recorded: over HTTP the principal of the request, and in a direct invocation the name that the input
 * claims.
 *
 * @throws {InvalidInputError} if an HTTP request claims a name
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
