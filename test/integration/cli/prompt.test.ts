import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyList } from '../../../src/management/operations/list.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';

const SCRIPT = '/usr/bin/script';

let deployment: LocalDeployment;
beforeAll(async () => {
  deployment = await localDeployment();
});
afterAll(() => deployment.stop());

/** Runs a command in a terminal, and answers its prompts. */
async function inTerminal(args: string, answers: readonly (readonly [prompt: string, answer: string])[]) {
  const command = `${process.execPath} dist/cli/index.mjs ${args} --endpoint ${deployment.adminUrl}`;
  const child = spawn(SCRIPT, ['-qec', command, '/dev/null']);
  const output = { text: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.text += text));
  const ended = once(child, 'close');
  for (const [prompt, answer] of answers) {
    await expect.poll(() => output.text, { timeout: 20_000 }).toContain(prompt);
    child.stdin.write(`${answer}\r`);
  }
  await ended;
  return { code: child.exitCode, output: output.text };
}

describe.runIf(existsSync(SCRIPT))('create in a terminal without a name', () => {
  it('prompts for the fields that no option sets', async () => {
    const { code } = await inTerminal('create --expires 90d', [
      ['Name:', 'Prompted'],
      ['Owner id', 'prompted'],
      ['Scopes', 'GET /orders/*, POST /orders'],
    ]);
    expect(code).toBe(0);
    const { stdout } = await deployment.run(['list', '--owner', 'prompted', '--json']);
    expect((JSON.parse(stdout) as KeyList).records).toMatchObject([
      { name: 'Prompted', scopes: ['GET /orders/*', 'POST /orders'], expiresAt: expect.stringMatching(/Z$/) as string },
    ]);
  });

  it('asks again for an owner that is not valid', async () => {
    const { code } = await inTerminal('create', [
      ['Name:', 'Again'],
      ['Owner id', 'not valid'],
      ['The owner is not valid', '\u0015again'],
      ['Scopes', ''],
      ['Expires', ''],
    ]);
    expect(code).toBe(0);
    expect((await deployment.run(['list', '--owner', 'again'])).stdout).toContain('Again');
  });
});
