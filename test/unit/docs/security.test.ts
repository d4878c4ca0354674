import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DENIAL_REASONS } from '../../../src/core/decision/denial-reasons.ts';

it('names a control and a test for each threat in docs/security.md', () => {
  const text = readFileSync('docs/security.md', 'utf8');
  const table = text.slice(text.indexOf('## Threat model')).split('\n');
  const start = table.findIndex((line) => line.startsWith('| threat'));
  const rows = table.slice(start + 2, table.indexOf('', start));
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    const [, , control = '', tests = ''] = row.split('|').map((cell) => cell.trim());
    const files = [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, file]) => join('docs', String(file)));
    expect(control, row).not.toBe('');
    expect(files.length, row).toBeGreaterThan(0);
    for (const file of files)
      expect(existsSync(file) && readFileSync(file, 'utf8').includes('expect('), file).toBe(true);
  }
});

it('lists every denial reason in docs/security.md', () => {
  const text = readFileSync('docs/security.md', 'utf8');
  const responses = text.slice(text.indexOf('## What the caller learns'), text.indexOf('## What is stored'));
  for (const reason of DENIAL_REASONS) expect(responses).toContain(`\`${reason}\``);
});
