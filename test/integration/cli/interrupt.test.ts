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

/** Interrupts a command while it waits for a response. */
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

/** The first response to an import. */
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

it('an interrupted import exits with 130, and says how to continue', async () => {
  const args = ['import', '--from', 'drf', keys(), '--allow-unscoped', '--yes'];
  deployment.responses.push(settings);
  const checking = await interruptedByKill(args);
  expect(checking).toMatchObject({ code: 130, stdout: '', stderr: 'Interrupted. Nothing was imported.\n' });
  deployment.responses.push(settings, { outcomes: [{ outcome: 'imported', prefix: 'drf.abcdefgh' }] });
  const importing = await interruptedByKill(args);
  expect(importing.code).toBe(130);
  expect(importing.stderr).toMatch(/Interrupted\. Run the same command again to continue\.\n$/);
});

const SCRIPT = '/usr/bin/script';
it.skipIf(!existsSync(SCRIPT))('an interrupted import restores the terminal', async () => {
  const command = `${process.execPath} dist/cli/index.mjs import --from drf ${keys()} --allow-unscoped --yes`;
  deployment.responses.push(settings);
  const { stdout } = await interrupted([SCRIPT, '-qec', command, '/dev/null'], ({ stdin }) =>
    // Ctrl-C.
    stdin.write(String.fromCharCode(3)),
  );
  for (const mode of ['?25', '?7']) {
    const [off, on] = [`${ESCAPE}[${mode}l`, `${ESCAPE}[${mode}h`];
    expect(stdout).toContain(off);
    expect(stdout.lastIndexOf(on)).toBeGreaterThan(stdout.lastIndexOf(off));
  }
});

it('an interrupted export leaves no file', async () => {
  const before = readdirSync(folder);
  deployment.responses.push({ records: [record], cursor: 'more' });
  const { code } = await interruptedByKill(['export', '--out', join(folder, 'half.jsonl')]);
  expect(code).toBe(130);
  expect(readdirSync(folder)).toEqual(before);
});

it('a failed export leaves no file', async () => {
  const before = readdirSync(folder);
  deployment.responses.push(
    { records: [record], cursor: 'more' },
    { error: { code: 'invalid_input', message: 'no', faults: [] } },
  );
  const child = start([process.execPath, 'dist/cli/index.mjs', 'export', '--out', join(folder, 'half.jsonl')]);
  await once(child, 'close');
  expect(child.exitCode).toBe(2);
  expect(readdirSync(folder)).toEqual(before);
});
