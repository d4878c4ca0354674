import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomBase62 } from '../../functions/domain/base62.ts';
import { localDeployment, type LocalDeployment } from '../cli/local-deployment.ts';

const COUNT = 3000;
const folder = mkdtempSync(join(tmpdir(), 'latchkey-resume-'));
let deployment: LocalDeployment;

beforeAll(async () => {
  deployment = await localDeployment();
});
afterAll(() => deployment.stop());

/** A table of djangorestframework-api-key, with nobody's keys. */
function drfTable(count: number): { file: string; rows: string[] } {
  const rows = Array.from({ length: count }, (_, index) => {
    const prefix = randomBase62(8, randomBytes);
    const hash = createHash('sha512').update(String(index)).digest('hex');
    return `${prefix},sha512$$${hash},2024-01-01T00:00:00Z,client ${String(index)},False,`;
  });
  const file = join(folder, `${String(count)}.csv`);
  writeFileSync(file, ['prefix,hashed_key,created,name,revoked,expiry_date', ...rows].join('\n'));
  return { file, rows };
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
  it('that is killed again and again loses nothing and doubles nothing', async () => {
    const { file, rows } = drfTable(COUNT);
    const counts: number[] = [];
    for (const killAfterMs of [1500, 2200, 3000]) {
      const { code } = await deployment.run(['import', '--from', 'drf', file, '--yes'], { killAfterMs });
      if (code === 0) break;
      counts.push((await exported(deployment)).length);
    }
    const last = await deployment.run(['import', '--from', 'drf', file, '--yes', '--json']);
    expect(last.code).toBe(0);
    const { imported, present } = JSON.parse(last.stdout) as { imported: number; present: number };
    expect(imported + present).toBe(COUNT);
    // Each run went on where the one before had ended.
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));

    const prefixes = (await exported(deployment)).map((record) => (record as { prefix: string }).prefix);
    expect(prefixes).toEqual(rows.map((row) => `drf.${row.slice(0, 8)}`).toSorted());
    expect(new Set(prefixes).size).toBe(COUNT);

    const again = await deployment.run(['import', '--from', 'drf', file, '--yes', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ imported: 0, present: COUNT, problems: [] });
  }, 120_000);

  it('of an export makes a table that exports the same', async () => {
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
  }, 120_000);

  it('says before anything is written what cannot be carried, by row and reason', async () => {
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
      const dry = await other.run(['import', '--from', 'drf', file, '--dry-run', '--owner-field', 'owner']);
      expect(dry.code).toBe(1);
      expect(dry.stdout).toBe('1 would be imported, 0 there already, 2 not carried.\n');
      expect(dry.stderr).toMatch(/row 2: prefix: not the 8 letters/);
      expect(dry.stderr).toMatch(/row 3 \(drf\.ijklmnop\): ownerId: not printable ASCII/);
      expect(await exported(other)).toEqual([]);

      // Nobody is there to say that the rest may go without them.
      expect(await other.run(['import', '--from', 'drf', file])).toMatchObject({ code: 2, stdout: '' });
      expect(await exported(other)).toEqual([]);
      expect(await other.run(['import', '--from', 'drf', file, '--yes'])).toMatchObject({ code: 1 });
      expect(await exported(other)).toHaveLength(2);
    } finally {
      await other.stop();
    }
  });

  it('into a deployment that does not take such keys is refused, with what to deploy', async () => {
    const other = await localDeployment({ importedFormats: [] });
    try {
      const { stdout, code } = await other.run(['import', '--from', 'drf', drfTable(2).file, '--yes', '--json']);
      expect(code).toBe(1);
      expect(stdout).toContain("deploy it with importedFormats: ['drf']");
    } finally {
      await other.stop();
    }
  });
});
