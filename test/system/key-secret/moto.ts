import { join, resolve } from 'node:path';
import getPort from 'get-port';
import { startServerProcess } from '../../../local/server-process.ts';
import { pythonTools } from '../deploy/python.ts';

export const REQUIREMENTS = 'test/system/key-secret/requirements.txt';
const START_TIMEOUT_MS = 60_000;

/** The working directory of the server is another one. */
const ONE_AT_A_TIME = resolve('test/system/key-secret/serve_moto.py');

/**
 * Starts moto, an emulated AWS, on a free port of the loopback interface.
 *
 * @param options.oneAtATime whether requests wait for each other, so that conditional writes are atomic @default false

 * @throws {SetupError} if there is no Python, or it does not start
 */
export async function startMoto({ oneAtATime = false } = {}): Promise<{
  readonly endpoint: string;
  stop(): Promise<void>;
}> {
  const { bin } = await pythonTools(REQUIREMENTS);
  const port = await getPort();
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const server = await startServerProcess({
    name: 'moto',
    ...(oneAtATime
      ? { command: join(bin, 'python'), args: [ONE_AT_A_TIME, String(port)] }
      : { command: join(bin, 'moto_server'), args: ['--host', '127.0.0.1', '--port', String(port)] }),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    endpoint: `${endpoint}/moto-api/`,
    startTimeoutMs: START_TIMEOUT_MS,
    advice: (reason) => `moto did not start, ${reason}.`,
  });
  return { endpoint, stop: () => server.stop() };
}
