import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import getPort from 'get-port';
import { SetupError } from './setup-error.ts';

/** The jar starts in seconds; a machine that needs longer than this has another problem. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

export interface DynamoDbLocal {
  /** Such as `http://127.0.0.1:8000`. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts AWS's DynamoDB Local, in memory, and resolves once it answers.
 *
 * It ends with this process, however that ends.
 *
 * @param options.port @default any that is free
 * @throws {SetupError} if there is no Java, or DynamoDB Local does not start
 * @example
 * const { endpoint, stop } = await startDynamoDbLocal();
 */
export async function startDynamoDbLocal(options: { port?: number } = {}): Promise<DynamoDbLocal> {
  const port = options.port ?? (await getPort());
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const emulator = join(
    dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
    'emulator',
  );
  const library = join(emulator, 'DynamoDBLocal_lib');
  const jar = join(emulator, 'DynamoDBLocal.jar');
  const java = spawn(
    'java',
    [
      `-Djava.library.path=${library}`,
      '-jar',
      jar,
      '-inMemory',
      '-sharedDb',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    // It leaves a file of its own where it runs.
    { stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir() },
  );
  const failure = failureOf(java);
  const releaseLifeline = tieToThisProcess(java);

  const stop = async () => {
    releaseLifeline();
    if (!isRunning(java)) return;
    const exited = once(java, 'exit');
    // It holds everything in memory: there is nothing to close properly.
    java.kill('SIGKILL');
    await exited;
  };
  try {
    await Promise.race([failure, untilAnswered(endpoint, java, failure)]);
  } catch (error) {
    await stop();
    throw error;
  }
  // Only the start is to be judged by it.
  failure.catch(() => undefined);
  return { endpoint, stop };
}

/** Rejects when the process cannot be started or ends by itself. */
async function failureOf(java: ChildProcess): Promise<never> {
  const said = java.stderr === null ? '' : text(java.stderr);
  const [code] = (await once(java, 'exit').catch((error: unknown) => {
    throw isMissing(error) ? noJava('there is no "java" on the PATH') : error;
  })) as [number | null];
  const reason = (await said).trim().split('\n').at(-1) ?? '';
  throw noJava(`"java" ended with code ${String(code)}${reason === '' ? '' : ` and said: ${reason}`}`);
}

function noJava(reason: string): SetupError {
  return new SetupError(
    `DynamoDB Local did not start, ${reason}; install Java 17 or newer (https://adoptium.net), or set DYNAMODB_ENDPOINT to a DynamoDB Local that runs already.`,
  );
}

async function untilAnswered(endpoint: string, java: ChildProcess, failure: Promise<never>): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    // Any answer will do: to a bare GET it is 400.
    if (await fetch(endpoint).then(discard, () => false)) return;
    if (!isRunning(java)) await failure;
    await delay(POLL_MS);
  }
  throw new SetupError(`DynamoDB Local did not answer at ${endpoint} within ${String(START_TIMEOUT_MS / 1000)} s.`);
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
