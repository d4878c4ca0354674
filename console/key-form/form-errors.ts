import { problemOf, sentence } from '../api/problem.ts';
import { adviceOn } from '../layout/problem-box.tsx';

/** Returns the errors of a rejected input, by the path of the field. */
export function fieldErrors(error: unknown): ReadonlyMap<string, string> {
  const faults = error === null ? [] : problemOf(error).faults;
  return new Map(faults.map(({ field, message, accepted }) => [field, withAccepted(message, accepted)]));
}

function withAccepted(message: string, accepted: string | undefined): string {
  return accepted === undefined ? sentence(message) : `${sentence(message)} Accepted: ${sentence(accepted)}`;
}

interface SummaryOptions {
  /** What failed, such as "The key was not created." */
  readonly attempt: string;
  /** Why the last attempt failed, or `null`. */
  readonly error: unknown;
  /** The number of errors that the form has found. */
  readonly ownErrors: number;
  /** Whether a field of the form shows the error at a path. */
  readonly isShown: (path: string) => boolean;
  readonly hosted: boolean;
}

/** Returns the message next to the submit button. It repeats no message that a field shows. */
export function errorSummary({ attempt, error, ownErrors, isShown, hosted }: SummaryOptions): string | undefined {
  const errors = [...fieldErrors(error)];
  const shown = errors.filter(([path]) => isShown(path)).length + ownErrors;
  const others = errors.filter(([path]) => !isShown(path)).map(([path, message]) => `${path}: ${message}`);
  if (error === null && ownErrors === 0) return undefined;
  if (shown === 0 && others.length === 0) {
    const problem = problemOf(error);
    return `${attempt} ${problem.message} ${adviceOn(problem, hosted)}`.trim();
  }
  const correct = shown === 0 ? [] : [shown === 1 ? 'Correct the marked field.' : 'Correct the marked fields.'];
  return [attempt, ...correct, ...others].join(' ');
}
