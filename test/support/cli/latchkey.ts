import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/** What a run of the command line has come to. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from stdin. @default nothing */
  readonly stdin?: string | Buffer;
  /** What its answer comes up against: a full disk, or nobody who reads it. */
  readonly stdout?: 'full' | 'closed';
  /** No file that it makes has room for a byte. */
  readonly fullDisk?: true;
  /** The folder that it runs in. @default the project's */
  readonly cwd?: string;
  /** Kills it, so that it can do nothing more. */
  readonly kill?: AbortSignal;
}

const CLI = resolve('dist/cli/index.mjs');

/** No AWS account of whoever runs the tests is to be met. */
const NO_AWS = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Runs the built command line as a process of its own. */
export async function latchkey(
  args: readonly string[],
  { env = {}, stdin = '', stdout, fullDisk, kill, cwd }: RunOptions = {},
): Promise<Run> {
  const command = [process.execPath, CLI, ...args];
  const [program = '', ...rest] = fullDisk === true ? ['sh', '-c', 'ulimit -f 0; exec "$0" "$@"', ...command] : command;
  const child = spawn(program, rest, {
    cwd,
    env: { PATH: process.env['PATH'], ...NO_AWS, ...env },
    stdio: ['pipe', stdout === 'full' ? openSync('/dev/full', 'w') : 'pipe', 'pipe'],
  });
  // It may have ended before it has read this.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin);
  if (stdout === 'closed') child.stdout?.destroy();
  kill?.addEventListener('abort', () => child.kill('SIGKILL'));
  const [answer, said] = await Promise.all([
    child.stdout === null || stdout === 'closed' ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, stdout: answer, stderr: said };
}
