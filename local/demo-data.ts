import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { randomBytes } from 'node:crypto';
import { randomBase62 } from '../src/core/keys/base62.ts';
import { digestOf } from '../src/core/keys/digest.ts';
import { newKey, PREFIX_LENGTH } from '../src/core/keys/key.ts';
import type { KeyRecord } from '../src/core/keys/record.ts';
import { dayOf } from '../src/gateway/usage.ts';
import { DynamoKeyStore } from '../src/storage/dynamo.ts';
import { UsageStore } from '../src/usage/usage-store.ts';
import { CREDENTIALS, REGION } from './account.ts';
import type { Local } from './server.ts';

const DAY_MS = 24 * 3_600_000;

/** The fields of a key of the demo data. The others have defaults. */
export interface SeedKey extends Partial<Omit<KeyRecord, 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'revokedAt'>> {
  readonly name: string;
  /** Days before now. */
  readonly age: number;
  /** Days from now; negative for before. */
  readonly expiresIn?: number;
  /** Minutes before now. */
  readonly usedAgo?: number;
  /** Days before now. */
  readonly revokedAgo?: number;
}

/** Opens the tables of a local server, to store keys with times in the past. */
export function storesOf(local: Pick<Local, 'dynamodbEndpoint' | 'table'>) {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: local.dynamodbEndpoint, region: REGION, credentials: CREDENTIALS }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  return {
    keys: new DynamoKeyStore({ client, tableName: local.table, retentionSeconds: 90 * 24 * 3600 }),
    usage: new UsageStore({ client, tableName: `${local.table}-usage` }),
    close: () => {
      client.destroy();
    },
  };
}

type Stores = ReturnType<typeof storesOf>;

/** Stores a key that was created some time ago, and returns its prefix. */
export async function storeDemoKey({ keys }: Stores, demo: SeedKey, now: number): Promise<string> {
  const { age, expiresIn, usedAgo, revokedAgo, ...fields } = demo;
  const prefix = fields.prefix ?? randomBase62(PREFIX_LENGTH, randomBytes);
  const { text } = newKey({ label: 'lk', prefix, randomBytes });
  await keys.create({
    scopes: [],
    metadata: {},
    ...fields,
    prefix,
    label: 'lk',
    digest: digestOf(text),
    version: 1,
    createdAt: now - age * DAY_MS,
    ...(expiresIn === undefined ? {} : { expiresAt: now + expiresIn * DAY_MS }),
  });
  if (usedAgo !== undefined) await keys.touch(prefix, now - usedAgo * 60_000, 0);
  if (revokedAgo !== undefined) await keys.revoke(prefix, fields.revokedReason, now - revokedAgo * DAY_MS);
  return prefix;
}

/**
 * Stores 30 days of usage for a key: busy on weekdays, with some errors, and with a day on which it was throttled.
 *
 * @param scale the traffic, relative to that of the busiest key @default 1
 */
export async function storeDemoUsage({ usage }: Stores, prefix: string, now: number, scale = 1): Promise<void> {
  const routes = [
    ['GET /orders/{id}', 1],
    ['GET /orders', 0.4],
    ['POST /orders', 0.22],
    ['GET /customers/{id}', 0.12],
  ] as const;
  for (let ago = 29; ago >= 0; ago--) {
    const time = now - ago * DAY_MS;
    const weekend = [0, 6].includes(new Date(time).getUTCDay());
    // A wave that rises slowly, and is the same on every run.
    const busy = scale * (weekend ? 420 : 1600) * (1 + 0.18 * Math.sin(ago * 1.7) + (29 - ago) * 0.012);
    const throttled = ago === 8;
    await usage.add(
      routes.map(([route, share]) => {
        const requests = Math.round(busy * share * (throttled ? 1.5 : 1));
        const counts = {
          requests,
          errors: Math.round(requests * (ago === 15 ? 0.09 : 0.013)),
          throttled: throttled ? Math.round(requests * 0.21) : 0,
          latencyMs: requests * 38,
          lastUsedAt: time - 7 * 60_000,
        };
        return { keyId: prefix, lineId: `demo-${prefix}-${String(ago)}-${route}`, day: dayOf(time), route, counts };
      }),
      now,
    );
  }
}

/** The keys of a team. */
export const DEMO_KEYS: readonly SeedKey[] = [
  {
    name: 'Night batch',
    ownerId: 'acme-retail',
    age: 410,
    expiresIn: -45,
    usedAgo: 45 * 1440 + 200,
    metadata: { tier: 'standard', costCentre: 'CC-2210', contact: 'ops@acme.example' },
  },
  {
    name: 'Legacy importer',
    ownerId: 'initech',
    age: 365,
    usedAgo: 70 * 1440,
    revokedAgo: 12,
    revokedReason: 'Replaced by the event feed',
    metadata: { tier: 'standard', costCentre: 'CC-1180' },
  },
  {
    name: 'Reporting dashboard',
    ownerId: 'globex',
    age: 260,
    expiresIn: 105,
    usedAgo: 65,
    plan: 'pro',
    scopes: ['GET /reports/*', 'GET /orders'],
    metadata: { tier: 'premium', costCentre: 'CC-4410', contact: 'bi@globex.example' },
  },
  {
    name: 'Mobile app, Android',
    ownerId: 'acme-retail',
    age: 190,
    expiresIn: 175,
    usedAgo: 2,
    plan: 'pro',
    scopes: ['GET /catalogue/*', 'POST /orders'],
    metadata: { tier: 'premium', costCentre: 'CC-2210' },
  },
  {
    name: 'Mobile app, iOS',
    ownerId: 'acme-retail',
    age: 188,
    expiresIn: 177,
    usedAgo: 4,
    plan: 'pro',
    scopes: ['GET /catalogue/*', 'POST /orders'],
    metadata: { tier: 'premium', costCentre: 'CC-2210' },
  },
  {
    name: 'Partner sandbox',
    ownerId: 'hooli',
    age: 120,
    expiresIn: -3,
    usedAgo: 3 * 1440 + 30,
    plan: 'free',
    metadata: { tier: 'trial' },
  },
  {
    name: 'Stock sync',
    ownerId: 'globex',
    age: 92,
    expiresIn: 273,
    usedAgo: 14,
    scopes: ['GET /stock/*', 'PUT /stock/*'],
    limits: { rate: '50/s', burst: 100 },
    metadata: { tier: 'premium', costCentre: 'CC-4410' },
  },
  {
    name: 'Leaked in a gist',
    ownerId: 'initech',
    age: 61,
    usedAgo: 9 * 1440,
    revokedAgo: 9,
    revokedReason: 'Found in a public gist',
    metadata: { tier: 'standard', costCentre: 'CC-1180' },
  },
  {
    name: 'Checkout service',
    ownerId: 'acme-retail',
    age: 58,
    expiresIn: 307,
    usedAgo: 7,
    plan: 'pro',
    limits: { quota: '2000000/month' },
    scopes: ['GET /orders/*', 'POST /orders', 'GET /customers/*'],
    metadata: { tier: 'premium', costCentre: 'CC-2210', contact: 'checkout@acme.example' },
  },
  {
    name: 'Warehouse scanners',
    ownerId: 'umbrella-logistics',
    age: 33,
    expiresIn: 57,
    usedAgo: 1,
    scopes: ['POST /scans', 'GET /stock/*'],
    metadata: { tier: 'standard', costCentre: 'CC-3007' },
  },
  {
    name: 'Invoice export',
    ownerId: 'initech',
    age: 20,
    expiresIn: 70,
    usedAgo: 26 * 60,
    plan: 'free',
    scopes: ['GET /invoices/*'],
    metadata: { tier: 'standard', costCentre: 'CC-1180' },
  },
  {
    name: 'Load test, staging',
    age: 6,
    expiresIn: 1,
    usedAgo: 3 * 60,
    limits: { rate: '500/s' },
    metadata: { tier: 'trial' },
  },
  {
    name: 'Onboarding demo',
    ownerId: 'hooli',
    age: 2,
    expiresIn: 28,
    plan: 'free',
    scopes: ['GET /catalogue/*'],
    metadata: { tier: 'trial' },
  },
];

/** The metadata schema of this team. */
export const DEMO_ATTRIBUTES = {
  type: 'object',
  properties: {
    tier: { type: 'string', title: 'Tier', enum: ['trial', 'standard', 'premium'] },
    costCentre: { type: 'string', description: 'The cost centre that pays for this key.' },
    contact: { type: 'string', description: 'The person to contact before the key expires.' },
  },
  required: ['tier'],
} as const;
