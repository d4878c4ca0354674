import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateAPIKey } from 'prefixed-api-key';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyView } from '../../../src/management/view.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { foreignKeyMade } from '../../support/secret-search/foreign-keys.ts';
import { localConnection } from '../../support/storage/test-table.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';
import { betterAuthKeys } from './peers/better-auth.ts';
import { drfKeys } from './peers/drf.ts';
import type { PeerKey } from './peers/peer-key.ts';

/** Imports keys created by other systems with the CLI, and uses them over HTTP. */
let deployment: LocalDeployment;
const folder = mkdtempSync(join(tmpdir(), 'latchkey-import-'));

beforeAll(async () => {
  deployment = await localDeployment();
});
afterAll(() => deployment.stop());

interface Summary {
  imported: number;
  present: number;
  problems: { row: number; reason: string }[];
  without: Record<string, number>;
}

async function imported(from: string, file: string, ...more: string[]): Promise<Summary> {
  const { stdout, stderr } = await deployment.run([
    'import',
    '--from',
    from,
    file,
    '--allow-unscoped',
    '--yes',
    '--json',
    ...more,
  ]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Summary;
}

async function fileOf(name: string, rows: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(rows));
  return file;
}

/** Checks that a key is allowed exactly if it was valid in its original system. Prints the counts for docs/importing.md. */
async function expectUnchanged(issuer: string, keys: readonly PeerKey[]): Promise<void> {
  let allowed = 0;
  for (const { key, state } of keys) {
    const good = state === 'active' || state === 'expiring';
    expect(await deployment.statusOf(key), state).toBe(good ? 200 : 403);
    if (good) allowed++;
  }
  console.log(
    `${issuer}: ${String(allowed)} keys allowed and ${String(keys.length - allowed)} rejected, as in the original system`,
  );
}

const nothingIn = { imported: 0, problems: [] };

describe('djangorestframework-api-key', () => {
  it('imports 200 keys of version 3.1 (SHA-512) from dumpdata, and a second import finds them present', async () => {
    const { json, keys } = await drfKeys('3.1.0', 200);
    expect(await imported('drf', json)).toMatchObject({ imported: 200, present: 0, problems: [] });
    await expectUnchanged('djangorestframework-api-key 3.1.0, dumpdata', keys);
    expect(await imported('drf', json)).toMatchObject({ ...nothingIn, present: 200 });
  }, 180_000);

  it('imports keys of version 3.1 from CSV', async () => {
    const { csv, keys } = await drfKeys('3.1.0', 16);
    expect(await imported('drf', csv)).toMatchObject({ imported: 16, problems: [] });
    await expectUnchanged('djangorestframework-api-key 3.1.0, CSV', keys);
  }, 180_000);

  it('imports keys of version 2.3 (PBKDF2), and replaces the slow hash on first use', async () => {
    const { json, keys } = await drfKeys('2.3.0', 8);
    expect(await imported('drf', json)).toMatchObject({ imported: 8, problems: [] });
    const store = new DynamoKeyStore({
      client: documentClient(localConnection()),
      tableName: deployment.table,
      retentionSeconds: 0,
    });
    const digestOf = async (prefix = '') => (await store.get(`drf.${prefix}`, { consistent: true }))?.digest;
    const used = keys.find(({ state }) => state === 'active');
    expect(await digestOf(used?.prefix)).toMatch(/^pbkdf2_sha256\$1000000\$/);
    await expectUnchanged('djangorestframework-api-key 2.3.0, PBKDF2', keys);
    await expect.poll(() => digestOf(used?.prefix)).toMatch(/^sha256\$/);
    await expectUnchanged('djangorestframework-api-key 2.3.0, then quick', keys);
    // A key that was never allowed keeps its original hash.
    expect(await digestOf(keys.find(({ state }) => state === 'revoked')?.prefix)).toMatch(/^pbkdf2_sha256/);
    // The hashes have changed, but these are the same keys.
    expect(await imported('drf', json)).toMatchObject({ ...nothingIn, present: 8 });
  }, 180_000);

  it('rejects a key with an imported prefix and another secret', async () => {
    const { json, keys } = await drfKeys('3.1.0', 4);
    await imported('drf', json);
    const { key } = keys.find(({ state }) => state === 'active') ?? { key: '' };
    expect(await deployment.statusOf(`${key.slice(0, 9)}${'a'.repeat(32)}`)).toBe(403);
    expect(await deployment.statusOf(`${key}x`)).toBe(403);
  }, 180_000);
});

describe('Better Auth', () => {
  it('imports 200 keys with and without a prefix', async () => {
    const { rows, keys } = await betterAuthKeys(200);
    const file = await fileOf('better-auth.json', rows);
    expect(await imported('better-auth', file)).toEqual({
      dryRun: false,
      imported: 200,
      present: 0,
      problems: [],
      warnings: [],
      without: { 'its rate limit': 200 },
    });
    await expectUnchanged('Better Auth 1.7.5', keys);
    expect(await imported('better-auth', file)).toMatchObject({ ...nothingIn, present: 200 });
    const { stdout } = await deployment.run(['list', '--name', 'team 199', '--json']);
    const [shown] = (JSON.parse(stdout) as { records: KeyView[] }).records;
    expect(shown).toMatchObject({
      importedFrom: 'better-auth',
      status: 'active',
      metadata: { plan: 'pro', index: 199 },
    });
  }, 120_000);
});

describe('prefixed-api-key, as imported by Unkey', () => {
  it('imports 20 keys', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => generateAPIKey({ keyPrefix: 'my_company' })));
    for (const { token = '' } of made) foreignKeyMade(token);
    const rows = made.map(({ longTokenHash, shortToken }) => ({
      hash: { value: longTokenHash, variant: 'github.com/seamapi/prefixed-api-key' },
      name: shortToken,
    }));
    expect(await imported('unkey', await fileOf('prefixed.json', rows))).toMatchObject({ imported: 20, problems: [] });
    await expectUnchanged(
      'prefixed-api-key 1.1.1',
      made.map(({ token = '' }) => ({ key: token, state: 'active' })),
    );
  });
});
