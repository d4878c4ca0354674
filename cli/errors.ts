/** Documented in docs/cli.md; scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** Latchkey understood and said no, or the answer is a no: no such key, an invalid one, a leak found. */
  refused: 1,
  /** The command line, a file or an input was not understood. */
  usage: 2,
  /** There was no answer: no credentials, no stack, no permission, no connection, an outage. */
  unreachable: 3,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** What {@link CommandError} is about, as `--json` names it. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

/** Ends a command with a message for the user. Anything else that is thrown is a bug. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: (typeof EXIT)[keyof typeof EXIT];
  readonly problem: Problem;
  /** The message for the terminal. Each line can repeat what the user typed, and contains no line break. */
  readonly lines: readonly string[];

  /** @param lines where the terminal shows another message than `--json` does */
  constructor(
    exitCode: (typeof EXIT)[keyof typeof EXIT],
    problem: Problem,
    lines: readonly string[] = [problem.message],
  ) {
    super(lines.join('\n'));
    this.exitCode = exitCode;
    this.problem = problem;
    this.lines = lines;
  }
}

/** The command line or a file was not understood. */
export function usageError(message: string): CommandError {
  return new CommandError(EXIT.usage, { code: 'usage', message });
}

/** Latchkey, or whoever was asked, said no. */
export function refusal(problem: Problem): CommandError {
  return new CommandError(EXIT.refused, problem);
}

/** There was no answer to be had. */
export function unreachable(message: string, code = 'unreachable'): CommandError {
  return new CommandError(EXIT.unreachable, { code, message });
}

/** What the operating system calls an error, such as `ENOSPC`; of any other its message. */
export function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
