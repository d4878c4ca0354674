import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { SetupError } from './setup-error.ts';

const POLL_MS = 50;

export interface ServerProcessOptions {
  /** What it is called in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Any HTTP answer from here means that it has started. */
  readonly endpoint: string;
  /** In milliseconds. */
  readonly startTimeoutMs: number;
  /** A file that takes all that it prints. @default only what it says last is kept, in case it does not start */
  readonly logFile?: string;
  /** Says in one sentence what to do when it does not start. */
  readonly advice: (reason: string) => string;
}

export interface ServerProcess {
  /** Leaves nothing of it running. What it holds in memory is lost. */
  stop(): Promise<void>;
}

/**
 * Starts a program that serves HTTP, and resolves once it answers. It ends with this process, however that ends.
 *
 * @throws {SetupError} if it cannot be started, ends by itself, or does not answer in time
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, args, env = process.env, logFile } = options;
  const child = spawn(command, args, {
    env,
    // Such programs leave files of their own where they run.
    cwd: tmpdir(),
    stdio: ['ignore', logFile === undefined ? 'ignore' : 'pipe', 'pipe'],
  });
  if (logFile !== undefined) {
    const log = createWriteStream(logFile);
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
  }
  const failure = failureOf(child, options);
  const releaseLifeline = tieToThisProcess(child);

  const stop = async () => {
    releaseLifeline();
    if (!isRunning(child)) return;
    const exited = once(child, 'exit');
    // It holds everything in memory: there is nothing to close properly.
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await Promise.race([failure, untilAnswered(child, options, failure)]);
  } catch (error) {
    await stop();
    throw error;
  }
  // Only the start is to be judged by it.
  failure.catch(() => undefined);
  return { stop };
}

/** Rejects when the process cannot be started or ends by itself. */
async function failureOf(child: ChildProcess, { command, advice }: ServerProcessOptions): Promise<never> {
  const said = child.stderr === null ? '' : text(child.stderr);
  const [code] = (await once(child, 'exit').catch((error: unknown) => {
    throw isMissing(error) ? new SetupError(advice(`there is no "${command}" on the PATH`)) : error;
  })) as [number | null];
  const reason = (await said).trim().split('\n').at(-1) ?? '';
  const ended = `"${command}" ended with code ${String(code)}`;
  throw new SetupError(advice(reason === '' ? ended : `${ended} and said: ${reason}`));
}

async function untilAnswered(
  child: ChildProcess,
  { name, endpoint, startTimeoutMs }: ServerProcessOptions,
  failure: Promise<never>,
): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (performance.now() < deadline) {
    if (await fetch(endpoint).then(discard, () => false)) return;
    if (!isRunning(child)) await failure;
    await delay(POLL_MS);
  }
  throw new SetupError(`${name} did not answer at ${endpoint} within ${String(startTimeoutMs / 1000)} s.`);
}

async function discard(response: Response): Promise<true> {
  await response.body?.cancel();
  return true;
}

/**
 * Handlers of signals and of `exit` do not run when this process is killed or crashes. A pipe always closes:
 * a tiny shell waits for that, and then ends the child.
 *
 * @returns lets go of it
 */
function tieToThisProcess(child: ChildProcess): () => void {
  const killNow = () => {
    child.kill('SIGKILL');
  };
  process.once('exit', killNow);
  const lifeline =
    process.platform === 'win32' || child.pid === undefined
      ? undefined
      : spawn('sh', ['-c', 'cat; kill -9 "$1"', 'sh', String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  const release = () => {
    process.off('exit', killNow);
    lifeline?.kill('SIGKILL');
  };
  // The shell may be gone before: a Ctrl-C reaches it too.
  lifeline?.on('error', () => undefined);
  lifeline?.stdin.on('error', () => undefined);
  child.once('exit', release);
  return release;
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
