import { safeText } from '../src/core/text/safe-text.ts';
import { createDemoKey } from './demo-keys.ts';
import { logLine, summary } from './output.ts';
import { parseOptions, USAGE, UsageError } from './options.ts';
import { startLocal } from './server.ts';
import { SetupError } from './setup-error.ts';

/** `npm start`. */

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else await start(options);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof SetupError)) throw error;
  console.error(safeText(error.message));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function start({ logs, ...options }: ReturnType<typeof parseOptions>): Promise<void> {
  const local = await startLocal({
    ...options,
    authorizer: { ...options.authorizer, ownerSuspension: true },
    dynamodbEndpoint: process.env['DYNAMODB_ENDPOINT'],
    ...(logs ? { log: (name, line) => process.stderr.write(`${logLine(name, line)}\n`) } : {}),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      void local.stop();
    });
  const demoKey = await createDemoKey(local, { name: 'demo' });
  const scopedKey = await createDemoKey(local, { name: 'demo, orders only', scopes: ['GET /orders/*'] });
  const limitedKey = await createDemoKey(local, { name: 'demo, limited', limits: { rate: '2/min' } });
  console.log(summary({ ...local, ...options, demoKey, scopedKey, limitedKey }));
}
