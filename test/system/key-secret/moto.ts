import { join } from 'node:path';
import getPort from 'get-port';
import { startServerProcess } from '../../../local/server-process.ts';
import { pythonTools } from '../deploy/python.ts';

const REQUIREMENTS = 'test/system/key-secret/requirements.txt';
const START_TIMEOUT_MS = 60_000;

/**
 * Starts moto, an emulated AWS, on a free port of the loopback interface.
 *
 * @throws {SetupError} if there is no Python, or it does not start
 */
export async function startMoto(): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
  const { bin } = await pythonTools(REQUIREMENTS);
  const port = await getPort();
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const server = await startServerProcess({
    name: 'moto',
    command: join(bin, 'moto_server'),
    args: ['--host', '127.0.0.1', '--port', String(port)],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    endpoint: `${endpoint}/moto-api/`,
    startTimeoutMs: START_TIMEOUT_MS,
    advice: (reason) => `moto did not start, ${reason}.`,
  });
  return { endpoint, stop: () => server.stop() };
}
