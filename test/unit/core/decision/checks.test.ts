import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CHECKS } from '../../../../src/core/decision/checks.ts';
import { DENIAL_REASONS } from '../../../../src/core/decision/denial-reasons.ts';

const page = readFileSync('docs/denial-reasons.md', 'utf8').split('## Why this order')[0] ?? '';
const documented = [...page.matchAll(/^\| (\w[\w ]*?) +\| `(\w+)`/gm)].map(([, check, reason]) => ({ check, reason }));

it('documents the checks in the order in which they run', () => {
  const checks = documented.filter(({ check }) => check !== 'parsing' && check !== 'custom code');
  expect([...new Set(checks.map(({ check }) => check))]).toEqual(Object.keys(CHECKS));
});

it('lists every denial reason in the order of the documentation', () => {
  expect([...new Set(documented.map(({ reason }) => reason))]).toEqual([...DENIAL_REASONS]);
});
