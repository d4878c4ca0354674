import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import getPort from 'get-port';
import { startServerProcess } from './server-process.ts';

/** DynamoDB Local usually starts within seconds. */
const START_TIMEOUT_MS = 60_000;

export interface DynamoDbLocal {
  /** Such as `http://127.0.0.1:8000`. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts AWS's DynamoDB Local, and resolves when it responds. It stops when this process ends, even
 * if this process is killed.
 *
 * @param options.port @default any free port
 * @param options.folder the folder of the database, which must exist @default the database is in memory
 * @throws {SetupError} if Java is not installed, or DynamoDB Local does not start
 * @example
 * const { endpoint, stop } = await startDynamoDbLocal();
 */
export async function startDynamoDbLocal(
  options: { port?: number; folder?: string | undefined } = {},
): Promise<DynamoDbLocal> {
  const port = options.port ?? (await getPort());
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const emulator = join(
    dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
    'emulator',
  );
  const library = join(emulator, 'DynamoDBLocal_lib');
  const jar = join(emulator, 'DynamoDBLocal.jar');
  const server = await startServerProcess({
    name: 'DynamoDB Local',
    command: 'java',
    args: [
      `-Djava.library.path=${library}`,
      '-jar',
      jar,
      ...(options.folder === undefined ? ['-inMemory'] : ['-dbPath', options.folder]),
      '-sharedDb',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    endpoint,
    startTimeoutMs: START_TIMEOUT_MS,
    ...(options.folder === undefined ? {} : { stopSignal: 'SIGTERM' as const }),
    advice: (reason) =>
      `DynamoDB Local did not start: ${reason}. Install Java 17 or newer (https://adoptium.net), or set DYNAMODB_ENDPOINT to a running DynamoDB Local.`,
  });
  return { endpoint, stop: () => server.stop() };
}
