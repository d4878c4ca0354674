import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { foreignKeyMade } from '../../../support/secret-search/foreign-keys.ts';
import type { PeerKey } from './peer-key.ts';

const run = promisify(execFile);
const PYTHON = process.env['PYTHON'] ?? 'python3';
const CACHE = 'node_modules/.cache/latchkey-test';

/** The packages of each version. 2.3 is the last version with Django's password hashes. */
const REQUIREMENTS = {
  '3.1.0': ['djangorestframework-api-key==3.1.0', 'djangorestframework==3.16.1', 'Django==5.2.19'],
  '2.3.0': ['djangorestframework-api-key==2.3.0', 'djangorestframework==3.16.1', 'Django==5.2.19'],
} as const;

export type DrfVersion = keyof typeof REQUIREMENTS;

/**
 * Creates keys with the real djangorestframework-api-key, in a virtual environment that later runs reuse.
 */
export async function drfKeys(
  version: DrfVersion,
  count: number,
): Promise<{ csv: string; json: string; keys: PeerKey[] }> {
  const python = await environment(version);
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-drf-'));
  await run(python, ['test/system/import/peers/drf_keys.py', String(count), folder]);
  const keys = JSON.parse(await readFile(join(folder, 'keys.json'), 'utf8')) as PeerKey[];
  for (const { key } of keys) foreignKeyMade(key);
  return { csv: join(folder, 'apikeys.csv'), json: join(folder, 'apikeys.json'), keys };
}

async function environment(version: DrfVersion): Promise<string> {
  const folder = join(CACHE, `drf-${version}`);
  const python = join(folder, 'bin/python');
  const done = join(folder, 'installed');
  if (existsSync(done)) return python;
  await rm(folder, { recursive: true, force: true });
  try {
    await run(PYTHON, ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...REQUIREMENTS[version]];
    await run(python, pip);
  } catch (error) {
    throw new Error(
      `djangorestframework-api-key ${version} could not be installed: this test needs Python 3.10 or newer with venv and pip (set PYTHON to it), and a package index.`,
      { cause: error },
    );
  }
  await writeFile(done, '');
  return python;
}
