import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { ACCESS_DENIED, NO_ANSWER, problemOf, SIGNED_OUT, type Problem } from '../api/problem.ts';
import { useConsole } from './console-context.ts';

interface ProblemBoxProps {
  readonly error: unknown;
  /** What was tried, as "The keys could not be listed". */
  readonly attempt: string;
  readonly onRetry?: () => void;
}

/** Says what did not work, why, and what to do now. */
export function ProblemBox({ error, attempt, onRetry }: ProblemBoxProps) {
  const { hosted } = useConsole();
  const problem = problemOf(error);
  return (
    <Alert
      type="error"
      header={headerOf(problem, attempt)}
      action={onRetry === undefined ? undefined : <Button onClick={onRetry}>Try again</Button>}
    >
      {problem.message} {adviceOn(problem, hosted)}
    </Alert>
  );
}

function headerOf({ code }: Problem, attempt: string): string {
  if (code === SIGNED_OUT) return 'You are not signed in';
  if (code === ACCESS_DENIED) return 'Access denied';
  return attempt;
}

/** What to do about a problem, where that is known. */
export function adviceOn({ code }: Problem, hosted: boolean): string {
  if (code === SIGNED_OUT)
    return hosted
      ? 'Reload the page to sign in again.'
      : 'Press Enter where "latchkey console" runs, for a new link; or start it again.';
  if (code === NO_ANSWER)
    return hosted
      ? 'Check your connection.'
      : 'Is "latchkey console" still running? Start it again, and open its link.';
  if (code === 'version_conflict') return 'Somebody else has changed it meanwhile: reload it, and look again.';
  return '';
}
