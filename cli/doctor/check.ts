import { isDenied } from '../deployment/aws-problem.ts';
import { CommandError } from '../errors.ts';

/** The result of a check. */
export interface Finding {
  readonly check: string;
  /** `unknown`: the check could not run. */
  readonly status: 'ok' | 'warning' | 'fault' | 'unknown';
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** The errors for a missing table. DynamoDB uses the second one for backups. */
const NOT_FOUND = ['ResourceNotFoundException', 'TableNotFoundException'];

/**
 * Runs a check.
 *
 * @param permission the IAM permission that the check needs, for the message if it is missing
 * @param advice what to do if the resource doesn't exist, or doesn't respond
 */
export async function checked(
  check: string,
  { permission, advice }: { readonly permission: string; readonly advice: string },
  run: () => Promise<Omit<Finding, 'check'>>,
): Promise<Finding> {
  try {
    return { check, ...(await run()) };
  } catch (error) {
    if (isDenied(error))
      return { check, status: 'unknown', found: 'no permission', advice: `add the permission ${permission}` };
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    // A resource that is missing or doesn't respond is a fault of the deployment. Other errors can be faults of the check.
    const fault = error instanceof CommandError || (error instanceof Error && NOT_FOUND.includes(error.name));
    return fault ? { check, status: 'fault', found: line, advice } : { check, status: 'unknown', found: line };
  }
}
