import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { ACCESS_DENIED, NO_CONNECTION, problemOf, SIGNED_OUT, type Problem } from '../api/problem.ts';
import { useConsole } from './console-context.ts';

interface ProblemBoxProps {
  readonly error: unknown;
  /** What failed, such as "Couldn’t load keys". */
  readonly attempt: string;
  readonly onRetry?: () => void;
}

/** Shows a failed request, with what to do about it. */
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

/** Returns what to do about a problem, or an empty string if its message says so. */
export function adviceOn({ code }: Problem, hosted: boolean): string {
  if (code === SIGNED_OUT)
    return hosted
      ? 'Reload the page to sign in again.'
      : 'Press Enter in the terminal that runs "latchkey console" to get a new link.';
  if (code === NO_CONNECTION)
    return hosted
      ? 'Check your network connection.'
      : 'Check that "latchkey console" is still running. If it isn’t, start it again and open its link.';
  return '';
}
