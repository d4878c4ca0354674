import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fakeDeployment, type FakeDeployment } from './fake-deployment.ts';

let deployment: FakeDeployment;
const folder = mkdtempSync(join(tmpdir(), 'latchkey-interrupt-'));
const ESCAPE = String.fromCharCode(27);

beforeAll(async () => {
  deployment = await fakeDeployment();
});
afterAll(() => {
  deployment.stop();
});

const start = ([program = '', ...args]: readonly string[]) =>
  spawn(program, args, { env: { ...process.env, LATCHKEY_ENDPOINT: deployment.endpoint } });

/** Interrupts a command while it waits for an answer. */
async function interrupted(command: readonly string[], interrupt: (child: ReturnType<typeof start>) => void) {
  const child = start(command);
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  await deployment.leftWaiting();
  interrupt(child);
  const [stdout, stderr] = await ended;
  return { code: child.exitCode, stdout, stderr };
}
const interruptedByKill = (args: readonly string[]) =>
  interrupted([process.execPath, 'dist/cli/index.mjs', ...args], (child) => child.kill('SIGINT'));

/** What an import asks first. */
const settings = { importedFormats: ['drf'] };
const record = { prefix: 'abcdefghijkl', name: 'x' };

function keys(): string {
  const file = join(folder, 'keys.csv');
  writeFileSync(
    file,
    `prefix,hashed_key,created,name,revoked,expiry_date\nabcdefgh,sha512$$${'0'.repeat(128)},2024-01-01T00:00:00Z,x,False,`,
  );
  return file;
}

it('an import that is interrupted says how to go on, and ends with 130', async () => {
  const args = ['import', '--from', 'drf', keys(), '--allow-unscoped', '--yes'];
  deployment.answers.push(settings);
  const checking = await interruptedByKill(args);
  expect(checking).toMatchObject({ code: 130, stdout: '', stderr: 'Interrupted; nothing was imported.\n' });
  deployment.answers.push(settings, { outcomes: [{ outcome: 'imported', prefix: 'drf.abcdefgh' }] });
  const importing = await interruptedByKill(args);
  expect(importing.code).toBe(130);
  expect(importing.stderr).toMatch(/Interrupted; the same command, run again, goes on from here\.\n$/);
});

const SCRIPT = '/usr/bin/script';
it.skipIf(!existsSync(SCRIPT))('and gives the terminal back as it was', async () => {
  const command = `${process.execPath} dist/cli/index.mjs import --from drf ${keys()} --allow-unscoped --yes`;
  deployment.answers.push(settings);
  const { stdout } = await interrupted([SCRIPT, '-qec', command, '/dev/null'], ({ stdin }) =>
    // Ctrl-C, as a terminal has it.
    stdin.write(String.fromCharCode(3)),
  );
  for (const mode of ['?25', '?7']) {
    const [off, on] = [`${ESCAPE}[${mode}l`, `${ESCAPE}[${mode}h`];
    expect(stdout).toContain(off);
    expect(stdout.lastIndexOf(on)).toBeGreaterThan(stdout.lastIndexOf(off));
  }
});

it('an export that is interrupted leaves no file behind, whole or half', async () => {
  const before = readdirSync(folder);
  deployment.answers.push({ records: [record], cursor: 'more' });
  const { code } = await interruptedByKill(['export', '--out', join(folder, 'half.jsonl')]);
  expect(code).toBe(130);
  expect(readdirSync(folder)).toEqual(before);
});

it('nor does one that fails', async () => {
  const before = readdirSync(folder);
  deployment.answers.push(
    { records: [record], cursor: 'more' },
    { error: { code: 'invalid_input', message: 'no', faults: [] } },
  );
  const child = start([process.execPath, 'dist/cli/index.mjs', 'export', '--out', join(folder, 'half.jsonl')]);
  await once(child, 'close');
  expect(child.exitCode).toBe(2);
  expect(readdirSync(folder)).toEqual(before);
});
