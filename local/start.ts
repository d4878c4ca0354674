import getPort, { portNumbers } from 'get-port';
import { safeText } from '../src/core/text/safe-text.ts';
import { createDemoKeys } from './demo-keys.ts';
import { DEFAULT_ADMIN_PORT, DEFAULT_PORT, parseOptions, USAGE, UsageError } from './options.ts';
import { logLine, summary } from './output.ts';
import { startLocal } from './server.ts';
import { SetupError } from './setup-error.ts';

/** `npm start`. */

const DATA_FOLDER = '.latchkey';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else await start(options);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof SetupError)) throw error;
  console.error(safeText(error.message));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function start({ logs, persist, ...options }: ReturnType<typeof parseOptions>): Promise<void> {
  const dynamodbEndpoint = process.env['DYNAMODB_ENDPOINT'];
  if (persist && dynamodbEndpoint !== undefined)
    throw new UsageError(
      '--persist can’t be used with DYNAMODB_ENDPOINT, which has its own storage. Unset one of them.',
    );
  const dataFolder = persist ? DATA_FOLDER : undefined;
  const local = await startLocal({
    ...options,
    port: options.port ?? (await freePort(DEFAULT_PORT, 'sample API')),
    adminPort: options.adminPort ?? (await freePort(DEFAULT_ADMIN_PORT, 'admin API')),
    authorizer: { ...options.authorizer, ownerSuspension: true },
    dynamodbEndpoint,
    dataFolder,
    ...(logs ? { log: (name, line) => process.stderr.write(`${logLine(name, line)}\n`) } : {}),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      void local.stop();
    });
  console.log(summary({ ...local, ...options, ...(await createDemoKeys(local, dataFolder)), dataFolder }));
}

/** Returns the default port, or the next free one, which it reports. */
async function freePort(preferred: number, use: string): Promise<number> {
  const port = await getPort({ port: portNumbers(preferred, preferred + 100), host: '127.0.0.1' });
  if (port !== preferred)
    console.error(`Port ${String(preferred)} is in use, so the ${use} uses port ${String(port)}.`);
  return port;
}
