import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drfTable } from '../../../bench/drf-table.ts';
import { randomBase62 } from '../../../src/core/keys/base62.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';
import { searchSize } from '../../support/search-size.ts';
import { foreignKeyMade } from '../../support/secret-search/foreign-keys.ts';
import { localConnection } from '../../support/storage/test-table.ts';

const COUNT = searchSize(1000, 2000);
/** The number of stored keys at each kill. It must be far from the end, because two running batches of 250 are still stored. */
const KILLED_AT = searchSize([1, 400], [1, 500, 1000]);
const folder = mkdtempSync(join(tmpdir(), 'latchkey-resume-'));
let deployment: LocalDeployment;
let client: DynamoDBDocumentClient;

beforeAll(async () => {
  deployment = await localDeployment();
  client = documentClient(localConnection());
});
afterAll(async () => {
  client.destroy();
  await deployment.stop();
});

/** Writes a table of djangorestframework-api-key to a file. */
function drfFile(count: number): { file: string; prefixes: string[] } {
  const { csv, prefixes } = drfTable(count);
  const file = join(folder, `${String(count)}.csv`);
  writeFileSync(file, csv);
  return { file, prefixes };
}

/** Returns the number of keys in the table. */
async function stored(): Promise<number> {
  let count = 0;
  for await (const { Count = 0 } of paginateScan({ client }, { TableName: deployment.table, Select: 'COUNT' }))
    count += Count;
  return count;
}

async function exported(from: LocalDeployment): Promise<unknown[]> {
  const { stdout } = await from.run(['export']);
  const records = stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { prefix: string });
  return records.toSorted((one, other) => (one.prefix < other.prefix ? -1 : 1));
}

describe('an import', () => {
  it('loses and repeats no key if it is killed repeatedly', async () => {
    const { file, prefixes } = drfFile(COUNT);
    const args = ['import', '--from', 'drf', file, '--allow-unscoped', '--yes', '--json'];
    let before = 0;
    for (const enough of KILLED_AT) {
      const kill = new AbortController();
      const run = deployment.run(args, { kill: kill.signal });
      await expect.poll(stored, { interval: 200, timeout: 60_000 }).toBeGreaterThanOrEqual(enough);
      kill.abort();
      expect(await run).toMatchObject({ code: null, stdout: '' });
      const now = await stored();
      expect(now).toBeGreaterThanOrEqual(before);
      expect(now).toBeLessThan(COUNT);
      before = now;
    }
    const last = await deployment.run(args);
    expect(last.code).toBe(0);
    const { imported, present } = JSON.parse(last.stdout) as { imported: number; present: number };
    expect(imported + present).toBe(COUNT);
    expect(present).toBeGreaterThanOrEqual(before);
    expect(imported).toBeGreaterThan(0);

    const there = (await exported(deployment)).map((record) => (record as { prefix: string }).prefix);
    expect(there).toEqual(prefixes.map((prefix) => `drf.${prefix}`).toSorted());
    expect(new Set(there).size).toBe(COUNT);

    const again = await deployment.run(args);
    expect(JSON.parse(again.stdout)).toMatchObject({ imported: 0, present: COUNT, problems: [] });
  }, 300_000);

  it('restores an export to a table with the same export', async () => {
    const file = join(folder, 'export.jsonl');
    await deployment.run(['export', '--out', file]);
    const other = await localDeployment();
    try {
      const { stdout } = await other.run(['import', '--from', 'generic', file, '--yes', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ problems: [] });
      expect(await exported(other)).toEqual(await exported(deployment));
    } finally {
      await other.stop();
    }
  }, 300_000);

  it('reports the rows that cannot be imported, with reasons, before it writes anything', async () => {
    const other = await localDeployment({ importedFormats: ['drf'] });
    try {
      const file = join(folder, 'mixed.json');
      const row = (fields: object) => ({
        prefix: 'abcdefgh',
        hashed_key: `sha512$$${'0'.repeat(128)}`,
        created: '2024-01-01',
        name: 'x',
        ...fields,
      });
      writeFileSync(
        file,
        JSON.stringify([row({}), row({ prefix: 'bad' }), row({ prefix: 'ijklmnop', owner: 'with space' })]),
      );
      const dry = await other.run([
        'import',
        '--from',
        'drf',
        file,
        '--allow-unscoped',
        '--dry-run',
        '--owner-field',
        'owner',
      ]);
      expect(dry.code).toBe(1);
      expect(dry.stdout).toBe('1 key would be imported, 0 already present, 2 not imported.\n');
      expect(dry.stderr).toMatch(/1 key without an owner/);
      expect(dry.stderr).toMatch(/row 2: prefix: not the 8 letters/);
      expect(dry.stderr).toMatch(/row 3 \(drf\.ijklmnop\): ownerId: not printable ASCII/);
      expect(await exported(other)).toEqual([]);

      // Without a confirmation, the other rows are not imported.
      expect(await other.run(['import', '--from', 'drf', file, '--allow-unscoped'])).toMatchObject({
        code: 2,
        stdout: '',
      });
      expect(await exported(other)).toEqual([]);
      expect(await other.run(['import', '--from', 'drf', file, '--allow-unscoped', '--yes'])).toMatchObject({
        code: 1,
      });
      expect(await exported(other)).toHaveLength(2);
    } finally {
      await other.stop();
    }
  });

  it('rejects an --owner-field that no row has, and lists the columns', async () => {
    const { file } = drfFile(2);
    const wrong = ['import', '--from', 'drf', file, '--yes', '--owner-field', 'organisation_id'];
    expect(await deployment.run(wrong)).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'latchkey: --owner-field: no row has the column "organisation_id". Use one of prefix, hashed_key, created, name, revoked, expiry_date.\n',
    });
    const generic = ['import', '--from', 'generic', file, '--yes', '--owner-field', 'ownerId'];
    expect(await deployment.run(generic)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--owner-field can't be used with --from generic") as string,
    });
    // Without a header, the first row is read as one.
    const headless = join(folder, 'headless.csv');
    writeFileSync(headless, `client,${'k'.repeat(20)}\nother,${'l'.repeat(20)}\n`);
    const { stderr } = await deployment.run([
      'import',
      '--from',
      'api-gateway',
      headless,
      '--owner-field',
      'customerId',
    ]);
    expect(stderr).toContain('Use one of client, 1 with longer names.');
  });

  it('imports a key that has the format of another issuer, if the deployment does not accept that format', async () => {
    const other = await localDeployment({ importedFormats: ['sha256'] });
    const file = join(folder, 'plain.json');
    try {
      const key = `sk_live_${randomBase62(24, randomBytes)}`;
      foreignKeyMade(key);
      writeFileSync(file, JSON.stringify([{ key, name: 'x' }]));
      const { stdout } = await other.run(['import', '--from', 'generic', file, '--allow-unscoped', '--yes']);
      expect(stdout).toBe('1 key imported, 0 already present, 0 not imported.\n');
      expect(await other.statusOf(key)).toBe(200);
    } finally {
      rmSync(file);
      await other.stop();
    }
  });

  it('rejects keys without scopes before it writes anything, unless the user passes --scope or --allow-unscoped', async () => {
    const other = await localDeployment({ importedFormats: ['drf'] });
    try {
      const { file } = drfFile(3);
      const undecided = await other.run(['import', '--from', 'drf', file, '--yes']);
      expect(undecided).toMatchObject({ code: 1, stdout: '0 keys imported, 0 already present, 3 not imported.\n' });
      expect(undecided.stderr).toContain('row 1: it has no scopes, so it could call every route; use --scope');
      expect(await exported(other)).toEqual([]);
      const both = ['--scope', 'GET /a', '--allow-unscoped'];
      expect(await other.run(['import', '--from', 'drf', file, '--yes', ...both])).toMatchObject({ code: 2 });
      expect(await other.run(['import', '--from', 'drf', file, '--yes', '--scope', 'GET /a'])).toMatchObject({
        code: 0,
      });
      expect(await exported(other)).toEqual(
        Array.from({ length: 3 }, () => expect.objectContaining({ scopes: ['GET /a'] }) as unknown),
      );
    } finally {
      await other.stop();
    }
  });

  it('rejects an empty file and a file in another encoding, with a message and exit code 2', async () => {
    const file = join(folder, 'unreadable.csv');
    for (const [content, message] of [
      ['', 'The file is empty.'],
      [Buffer.from('prefix,name\nabcdefgh,Caf\u00e9\n', 'latin1'), 'Line 2 (row 1, column "name") is not valid UTF-8.'],
    ] as const) {
      writeFileSync(file, content);
      const { code, stdout, stderr } = await deployment.run(['import', '--from', 'drf', file, '--yes']);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(message);
    }
  });

  it('rejects keys that the deployment does not accept, with what to deploy', async () => {
    const other = await localDeployment({ importedFormats: [] });
    try {
      const { stdout, code } = await other.run([
        'import',
        '--from',
        'drf',
        drfFile(2).file,
        '--allow-unscoped',
        '--yes',
        '--json',
      ]);
      expect(code).toBe(1);
      expect(stdout).toContain("deploy it with importedFormats: ['drf']");
    } finally {
      await other.stop();
    }
  });
});
