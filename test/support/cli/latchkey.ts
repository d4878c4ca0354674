import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/** The result of a CLI run. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The input on stdin. @default empty */
  readonly stdin?: string | Buffer;
  /** A fault of stdout: a full disk, or a closed pipe. */
  readonly stdout?: 'full' | 'closed';
  /** Writes to files fail because the disk is full. */
  readonly fullDisk?: true;
  /** The working directory. @default the project's folder */
  readonly cwd?: string;
  /** Kills the process. */
  readonly kill?: AbortSignal;
}

const CLI = resolve('dist/cli/index.mjs');

/** The CLI runs hundreds of times. Compiling it takes a quarter of a run. */
const COMPILED = { NODE_COMPILE_CACHE: resolve('node_modules/.cache/latchkey/compiled') };

/** Prevents tests from using an AWS account of the developer. */
const NO_AWS = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Runs the built CLI in a child process. */
export async function latchkey(
  args: readonly string[],
  { env = {}, stdin = '', stdout, fullDisk, kill, cwd }: RunOptions = {},
): Promise<Run> {
  const command = [process.execPath, CLI, ...args];
  const [program = '', ...rest] = fullDisk === true ? ['sh', '-c', 'ulimit -f 0; exec "$0" "$@"', ...command] : command;
  const child = spawn(program, rest, {
    cwd,
    env: { PATH: process.env['PATH'], ...COMPILED, ...NO_AWS, ...env },
    stdio: ['pipe', stdout === 'full' ? openSync('/dev/full', 'w') : 'pipe', 'pipe'],
  });
  // The process may exit before it reads its input.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin);
  if (stdout === 'closed') child.stdout?.destroy();
  kill?.addEventListener('abort', () => child.kill('SIGKILL'));
  const [output, errors] = await Promise.all([
    child.stdout === null || stdout === 'closed' ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode, stdout: output, stderr: errors };
}
