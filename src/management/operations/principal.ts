import { InvalidInputError } from '../errors.ts';

/** The field that only direct invocations accept. */
export const DIRECT_FIELD = 'by';

/**
 * Returns the name to record: over HTTP, the principal of the request; in a direct invocation, the name in the input.
 *
 * @throws {InvalidInputError} if the input of an HTTP request has a name
 */
export function nameOf(principal: string | undefined, claimed: string | undefined): string | undefined {
  if (principal !== undefined && claimed !== undefined)
    throw new InvalidInputError([
      {
        field: DIRECT_FIELD,
        message: 'not accepted over HTTP',
        accepted: 'no value: the principal of the request is recorded',
      },
    ]);
  return principal ?? claimed;
}
