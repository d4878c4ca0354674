import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What a run of the command line has come to. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads; without it stdin is empty. */
  readonly stdin?: string;
  /** Kills it after so long. */
  readonly killAfterMs?: number;
}

const CLI = 'dist/cli/index.mjs';

/** No AWS account of whoever runs the tests is to be met. */
const NO_AWS = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Runs the built command line as a process of its own. */
export async function latchkey(
  args: readonly string[],
  { env = {}, stdin = '', killAfterMs }: RunOptions = {},
): Promise<Run> {
  const child = spawn(process.execPath, [CLI, ...args], { env: { PATH: process.env['PATH'], ...NO_AWS, ...env } });
  // It may have ended before it has read this.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  clearTimeout(timer);
  return { code: child.exitCode, stdout, stderr };
}
