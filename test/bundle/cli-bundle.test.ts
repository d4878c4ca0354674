import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('needs nothing beside it: the command line runs where there is only its own folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-alone-'));
  cpSync('dist/cli', folder, { recursive: true });
  const said = (...args: string[]) =>
    execFileSync(process.execPath, ['index.mjs', ...args], { cwd: folder, encoding: 'utf8' });
  expect(said('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(said('completion', 'bash')).toContain('_latchkey_completion');
});
