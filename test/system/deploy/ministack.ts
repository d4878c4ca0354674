import { join, resolve } from 'node:path';
import getPort from 'get-port';
import { startServerProcess } from '../../../local/server-process.ts';
import type { Endpoint, Signer } from '../acceptance/http.ts';
import { pythonTools } from './python.ts';

const START_TIMEOUT_MS = 60_000;

const LOG_FILE = resolve('dist/ministack.log');

/** How tests reach the emulated account. */
export interface EmulatedAccount {
  readonly aws: Signer & { readonly endpoint: string };
  /** Environment variables for the AWS SDK and the CDK. */
  readonly environment: Readonly<Record<string, string>>;
  /** Returns the emulated endpoint of the API that AWS would serve at this URL. */
  readonly endpointOf: (url: string) => Endpoint;
}

const ROOT = { accessKeyId: 'test', secretAccessKey: 'test' };
const REGION = 'us-east-1';

/** Returns the account of a running MiniStack. */
export function emulatedAccount(endpoint: string): EmulatedAccount {
  const { hostname, port } = new URL(endpoint);
  return {
    aws: { endpoint, region: REGION, credentials: ROOT },
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: ROOT.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
    },
    endpointOf: (url) => {
      const { protocol, hostname: apiHost, pathname } = new URL(url);
      const [apiId = ''] = apiHost.split('.');
      return {
        url: `${protocol === 'wss:' ? 'ws' : 'http'}://${hostname}:${port}${pathname.replace(/\/$/, '')}`,
        host: `${apiId}.execute-api.localhost:${port}`,
      };
    },
  };
}

/**
 * Starts MiniStack, an AWS emulator, on a free port of the loopback interface. It enforces IAM: a function can only do
 * what its role allows.
 *
 * @throws {SetupError} if Python is missing or MiniStack does not start
 */
export async function startMiniStack(): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
  const { bin } = await pythonTools();
  const port = await getPort();
  // With an IP address, the SDK puts a bucket's name into the path instead of the host name.
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const server = await startServerProcess({
    name: 'MiniStack',
    command: join(bin, 'python'),
    args: [resolve('test/system/deploy/start_ministack.py')],
    env: {
      // MiniStack runs functions with the first `node` on PATH. The project's Node has Lambda's major version.
      PATH: [resolve('node_modules/.bin'), process.env['PATH']].join(':'),
      HOME: process.env['HOME'],
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      AUTH: 'true',
      AWS_ACCESS_KEY_ID: ROOT.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
      LOG_LEVEL: 'INFO',
    },
    endpoint: `${endpoint}/_ministack/health`,
    startTimeoutMs: START_TIMEOUT_MS,
    logFile: LOG_FILE,
    advice: (reason) => `MiniStack did not start: ${reason}. Its log is ${LOG_FILE}.`,
  });
  return { endpoint, stop: () => server.stop() };
}
