import { isDenied } from '../deployment/aws-problem.ts';
import { CommandError } from '../errors.ts';

/** What a check has found. `unknown`: it could not be looked at. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'fault' | 'unknown';
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Of its backups DynamoDB has another name for it. */
const NOT_THERE = ['ResourceNotFoundException', 'TableNotFoundException'];

/**
 * Runs a check.
 *
 * @param permission what it takes, said for want of it
 * @param advice what to do if what is looked at is not there, or does not answer
 */
export async function checked(
  check: string,
  { permission, advice }: { readonly permission: string; readonly advice: string },
  look: () => Promise<Omit<Finding, 'check'>>,
): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    if (isDenied(error))
      return { check, status: 'unknown', found: 'no permission to look', advice: `allow yourself ${permission}` };
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    // What is not there, or does not answer, is a fault of the deployment; anything else may be one of the looking.
    const fault = error instanceof CommandError || (error instanceof Error && NOT_THERE.includes(error.name));
    return fault ? { check, status: 'fault', found: line, advice } : { check, status: 'unknown', found: line };
  }
}
