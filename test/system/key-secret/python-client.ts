import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pythonTools } from '../deploy/python.ts';
import { REQUIREMENTS } from './moto.ts';

interface PythonClientOptions {
  /** The endpoint of the emulated Secrets Manager. */
  readonly endpoint: string;
  readonly secretId: string;
  /** The URL to call. */
  readonly url: string;
  readonly ttlMs: number;
  readonly threads: number;
}

/**
 * Starts the Python example, and resolves when its first request is done. `stop` returns how often each status occurred.
 *
 * @throws {SetupError} if there is no Python
 */
export async function pythonClient({ endpoint, secretId, url, ttlMs, threads }: PythonClientOptions) {
  const { bin } = await pythonTools(REQUIREMENTS);
  const script = resolve('test/system/key-secret/soak_client.py');
  const child = spawn(join(bin, 'python'), [script, secretId, url, String(ttlMs / 1000), String(threads)], {
    env: {
      PATH: process.env['PATH'],
      PYTHONPATH: resolve('examples'),
      PYTHONDONTWRITEBYTECODE: '1',
      AWS_ENDPOINT_URL: endpoint,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const started = await lines.next();
  if (started.value !== 'started') throw new Error(`The Python client exited with ${String(child.exitCode)}.`);
  return {
    async stop(): Promise<Map<number, number>> {
      child.stdin.end();
      const { value } = await lines.next();
      await closed;
      const statuses = JSON.parse(value ?? '{}') as Record<string, number>;
      return new Map(Object.entries(statuses).map(([status, count]) => [Number(status), count]));
    },
  };
}
