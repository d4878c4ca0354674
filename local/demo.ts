import { parseArgs } from 'node:util';
import { hash } from 'node:crypto';
import { safeText } from '../src/core/text/safe-text.ts';
import { DEMO_KEYS, storeDemoKey, storeDemoUsage, storesOf } from './demo-data.ts';
import type { LocalInfo } from './gateway/info-api.ts';
import { DEFAULT_ADMIN_PORT } from './options.ts';
import { SetupError } from './setup-error.ts';

/** `npm run demo`: stores demo data in the local server that is running. */

const USAGE = `Usage: npm run demo -- [--endpoint <url>]

Adds the keys, owners and 30 days of usage of a fictional team to the local server that is running.

  --endpoint <url>   URL of the admin API (default: LATCHKEY_ENDPOINT, or http://127.0.0.1:${String(DEFAULT_ADMIN_PORT)})`;

/** The keys with usage, and their traffic relative to that of the busiest one. */
const TRAFFIC: Readonly<Record<string, number>> = {
  'Checkout service': 1,
  'Mobile app, Android': 0.7,
  'Mobile app, iOS': 0.55,
  'Warehouse scanners': 0.3,
  'Stock sync': 0.2,
  'Reporting dashboard': 0.05,
};

const SUSPENDED_OWNER = { ownerId: 'hooli', by: 'billing', reason: 'invoice 4711 is unpaid' };

try {
  const { values } = parseArgs({
    options: { endpoint: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) console.log(USAGE);
  else
    await seed(values.endpoint ?? process.env['LATCHKEY_ENDPOINT'] ?? `http://127.0.0.1:${String(DEFAULT_ADMIN_PORT)}`);
} catch (error) {
  const usage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!(usage || error instanceof SetupError)) throw error;
  console.error(safeText(error.message));
  process.exitCode = usage ? 2 : 1;
}

async function seed(endpoint: string): Promise<void> {
  const local = await localInfo(endpoint);
  const stores = storesOf(local);
  try {
    const now = Date.now();
    const results = await Promise.all(
      DEMO_KEYS.map(async (demo) => {
        const prefix = prefixOf(demo.name);
        if ((await stores.keys.get(prefix)) !== undefined) return 'present';
        await storeDemoKey(stores, { ...demo, prefix }, now);
        const scale = TRAFFIC[demo.name];
        if (scale !== undefined) await storeDemoUsage(stores, prefix, now, scale);
        return 'added';
      }),
    );
    const added = results.filter((result) => result === 'added').length;
    const { ownerId, by, reason } = SUSPENDED_OWNER;
    await stores.keys.suspendOwner({ label: 'lk', ownerId, by, at: now }, reason);
    console.log(
      added === 0
        ? 'The demo data is already there.'
        : `Added ${String(added)} keys of 5 owners, with 30 days of usage. Try: npm run latchkey -- list --endpoint ${endpoint}`,
    );
  } finally {
    stores.close();
  }
}

async function localInfo(endpoint: string): Promise<LocalInfo> {
  try {
    const response = await fetch(new URL('/local', endpoint));
    if (response.ok) return (await response.json()) as LocalInfo;
    await response.body?.cancel();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new SetupError(`No local server responds at ${endpoint}. Run "npm start" first, or use --endpoint.`);
}

/** Returns the same prefix for a name every time, so that demo data is added once. */
function prefixOf(name: string): string {
  return hash('sha256', name, 'base64')
    .replaceAll(/[^0-9A-Za-z]/g, '')
    .slice(0, 12);
}
