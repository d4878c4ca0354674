import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

const CHANGESET = `---
'latchkey': minor
---

Describe the admin API in an OpenAPI document.
`;

describe('a release', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-release-'));
    await mkdir(join(folder, '.changeset'));
    for (const file of ['package.json', 'CHANGELOG.md', '.changeset/config.json', 'prettier.config.js'])
      await cp(file, join(folder, file));
    await writeFile(join(folder, '.changeset/openapi.md'), CHANGESET);
    await run('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder });
    await run('git', ['add', '.'], { cwd: folder });
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    await run('git', [...author, 'commit', '--quiet', '--message=test'], { cwd: folder });
    await run(resolve('node_modules/.bin/changeset'), ['version'], { cwd: folder });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('raises the version as the changesets say', async () => {
    const versionIn = async (file: string) => (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
    const [major, minor] = (await versionIn('package.json')).split('.').map(Number);
    expect(await versionIn(join(folder, 'package.json'))).toBe(`${String(major)}.${String(Number(minor) + 1)}.0`);
  });

  it('adds their texts to the top of the changelog, and keeps its history', async () => {
    const before = (await readFile('CHANGELOG.md', 'utf8')).split('\n');
    const after = await readFile(join(folder, 'CHANGELOG.md'), 'utf8');
    const start = after.split('\n').slice(0, 10).join('\n');
    expect(start).toMatch(/^# \w+\n\n## \d+\.\d+\.\d+\n\n### Minor Changes\n\n/);
    expect(start).toContain('Describe the admin API in an OpenAPI document.');
    for (const line of before) expect(after).toContain(line.trim());
  });
});

it('the release workflow publishes with provenance, and only from the repository', async () => {
  const workflow = await readFile('.github/workflows/release.yml', 'utf8');
  expect(workflow).toContain('id-token: write');
  expect(workflow).toContain("if: github.repository == 'latchkey/latchkey'");
  const { publishConfig, scripts } = JSON.parse(await readFile('package.json', 'utf8')) as {
    publishConfig: object;
    scripts: Record<string, string>;
  };
  expect(publishConfig).toEqual({ access: 'public', provenance: true });
  for (const [, script = ''] of workflow.matchAll(/npm run (\S+)/g)) expect(scripts).toHaveProperty([script]);
});
