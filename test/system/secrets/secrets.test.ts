import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import { SecretSearch } from '../../support/secret-search/search.ts';

const key = newKey({ label: 'lk_live', randomBytes });
const secret = key.text.slice(-49, -6);
const search = new SecretSearch([newKey({ label: 'lk', randomBytes }).text.slice(-49, -6), secret]);

describe('the search for secrets', () => {
  it.each<[string, (around: string) => string]>([
    ['the key', () => key.text],
    ['its secret', () => secret],
    ['its first sixteen characters', () => secret.slice(0, 16)],
    ['its last sixteen characters', () => secret.slice(-16)],
    ['a URL', () => `https://example.com/?api_key=${encodeURIComponent(key.text)}&x=1`],
    ['JSON in JSON', () => JSON.stringify(JSON.stringify({ key: key.text }))],
    ['base64', (around) => Buffer.from(`${around}${secret}${around}`).toString('base64')],
    ['base64url', (around) => Buffer.from(`${around}${key.text}${around}`).toString('base64url')],
    ['hex', (around) => Buffer.from(around + secret).toString('hex')],
    [
      'HEX',
      (around) =>
        Buffer.from(around + secret)
          .toString('hex')
          .toUpperCase(),
    ],
  ])('finds %s in any surrounding text', (_form, leak) => {
    fc.assert(
      fc.property(fc.string(), (around) => {
        const text = `${around} ${leak(around)} ${around}`;
        expect(search.indexIn(text)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('finds any 31 characters of a secret', () => {
    for (let at = 0; at + 31 <= secret.length; at++)
      expect(search.indexIn(`x${secret.slice(at, at + 31)}x`), String(at)).toBeGreaterThanOrEqual(0);
  });

  it('ignores the prefix, the hash, and other keys', () => {
    const other = newKey({ label: 'lk_live', prefix: key.prefix, randomBytes });
    for (const text of [key.prefix, `lk_live_${key.prefix}_…`, digestOf(key.text), other.text, key.text.slice(-6)])
      expect(search.indexIn(text), text).toBe(-1);
  });
});

/** Runs Vitest with tests that leak keys or don't. */
async function run(planted: boolean): Promise<{ code: number | null; said: string; secrets: string[] }> {
  // Outside of the temporary folder, which is searched.
  const folder = mkdtempSync(join('node_modules', '.planted-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'secrets');
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/support/secret-search/planted/vitest.config.ts',
  ];
  const child = spawn(process.execPath, [...vitest, '--silent'], {
    env: { ...process.env, PLANTED_SECRETS: file, ...(planted ? { PLANTED: 'yes' } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, said: stdout + stderr, secrets: readFileSync(file, 'utf8').trim().split('\n') };
}

describe('a run of the tests', { timeout: 120_000 }, () => {
  it('passes if no key leaks', async () => {
    const { code, said } = await run(false);
    expect(said).toMatch(/Secrets: 11 issued; .* 0 finds\./);
    expect(code).toBe(0);
  });

  it('fails if keys leak, and reports every place without the key', async () => {
    const { code, said, secrets } = await run(true);
    const report = said.slice(said.indexOf('was found in:')).split('\n').slice(1).filter(Boolean);
    expect(
      report.map((line) =>
        line.replace(/(table-|planted-).*?(?=\/|$)/, '$1…').replace(/file .*?planted/, 'file planted'),
      ),
    ).toEqual([
      'URLs asked for (test/support/secret-search/planted/leaks.planted.ts)',
      'an item of table-…',
      'answers of function subject (test/support/secret-search/planted/leaks.planted.ts)',
      'answers to GET / (test/support/secret-search/planted/leaks.planted.ts)',
      'answers to GET /pieces (test/support/secret-search/planted/leaks.planted.ts)',
      'events sent (test/support/secret-search/planted/leaks.planted.ts)',
      'output of the tests (test/support/secret-search/planted/leaks.planted.ts)',
      'stderr of node -e (test/support/secret-search/planted/leaks.planted.ts)',
      'stdout of function subject (test/support/secret-search/planted/leaks.planted.ts)',
      'stdout of node -e (test/support/secret-search/planted/leaks.planted.ts)',
      'the file planted-…/notes.txt',
    ]);
    expect(secrets).toHaveLength(11);
    for (const secret of secrets) expect(said).not.toContain(secret.slice(0, 16));
    expect(code).toBe(1);
  });
});
