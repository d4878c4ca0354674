import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { safeText } from '../src/core/text/safe-text.ts';
import { SetupError } from './setup-error.ts';

const POLL_MS = 50;

export interface ServerProcessOptions {
  /** Its name in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** The URL that responds when the program has started. */
  readonly endpoint: string;
  /** In milliseconds. */
  readonly startTimeoutMs: number;
  /** The file for its output. @default the output is discarded, except for the last line if the program does not start */
  readonly logFile?: string;
  /** The signal that stops it. @default 'SIGKILL', for a program that has nothing to save */
  readonly stopSignal?: NodeJS.Signals;
  /** Returns the error message if it does not start, with what to do. */
  readonly advice: (reason: string) => string;
}

export interface ServerProcess {
  /** Stops the program. */
  stop(): Promise<void>;
}

/**
 * Starts a program that serves HTTP, and resolves when it responds. It stops when this process ends, even if this process is
 * killed.
 *
 * @throws {SetupError} if it cannot be started, exits, or does not respond in time
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, args, env = process.env, logFile, stopSignal = 'SIGKILL' } = options;
  const child = spawn(command, args, {
    env,
    // Such programs write files to their working directory.
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
    child.kill(stopSignal);
    await exited;
  };
  try {
    await Promise.race([failure, untilResponding(child, options, failure)]);
  } catch (error) {
    await stop();
    throw error;
  }
  // An exit is an error only before the program responds.
  failure.catch(() => undefined);
  return { stop };
}

/** Rejects when the program cannot be started or exits. */
async function failureOf(child: ChildProcess, { command, advice }: ServerProcessOptions): Promise<never> {
  const said = child.stderr === null ? '' : text(child.stderr);
  const [code] = (await once(child, 'exit').catch((error: unknown) => {
    throw isMissing(error) ? new SetupError(advice(`"${command}" is not on the PATH`)) : error;
  })) as [number | null];
  const reason = (await said).trim().split('\n').at(-1) ?? '';
  const ended = `"${command}" exited with code ${String(code)}`;
  throw new SetupError(advice(reason === '' ? ended : `${ended} and printed: ${safeText(reason)}`));
}

async function untilResponding(
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
  throw new SetupError(
    `${name} did not respond at ${endpoint} within ${String(startTimeoutMs / 1000)} s. Start it again, or check that this machine is not overloaded.`,
  );
}

async function discard(response: Response): Promise<true> {
  await response.body?.cancel();
  return true;
}

/**
 * Stops the program when this process ends. Handlers of signals and of `exit` do not run if this process is killed or crashes,
 * but a pipe always closes. A small shell waits for that, and then stops the program.
 *
 * @returns a function that undoes it
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
  // Ctrl-C can stop the shell first.
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
