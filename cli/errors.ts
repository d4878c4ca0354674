/** The exit codes. They are documented in docs/cli.md, because scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** The operation was rejected, or the result is negative: an unknown key, an invalid key, a leak. */
  refused: 1,
  /** The command line, a file or an input is invalid. */
  usage: 2,
  /** No response: no credentials, stack, permission or connection, or an outage. */
  unreachable: 3,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** The error that `--json` prints. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

/** Stops a command with a message for the user. Any other error is a bug. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: (typeof EXIT)[keyof typeof EXIT];
  readonly problem: Problem;
  /** The message for the terminal. Each line can repeat what the user typed, and contains no line break. */
  readonly lines: readonly string[];

  /** @param lines the message for the terminal, if it differs from that of `--json` */
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

/** The command line or a file is invalid. */
export function usageError(message: string): CommandError {
  return new CommandError(EXIT.usage, { code: 'usage', message });
}

/** The deployment or the user rejected the operation. */
export function refusal(problem: Problem): CommandError {
  return new CommandError(EXIT.refused, problem);
}

/** The deployment or AWS could not be reached. */
export function unreachable(message: string, code = 'unreachable'): CommandError {
  return new CommandError(EXIT.unreachable, { code, message });
}

/** Returns the code of an operating system error, such as `ENOSPC`, or the message of any other error. */
export function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
