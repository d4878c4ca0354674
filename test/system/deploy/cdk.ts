import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { EmulatedAccount } from './ministack.ts';

const run = promisify(execFile);

/** More output than any CDK command prints, in bytes. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Runs a command of the real CDK against the emulated account.
 *
 * @param folder the folder of the app. @default this project
 * @returns the output
 * @throws {Error} with the output, if the command fails
 */
export async function cdk(account: EmulatedAccount, args: readonly string[], folder = '.'): Promise<string> {
  const env = {
    ...process.env,
    ...account.environment,
    PATH: [resolve('node_modules/.bin'), process.env['PATH']].join(':'),
    CI: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
  const { stdout, stderr } = await run(resolve('node_modules/.bin/cdk'), ['--no-color', '--no-notices', ...args], {
    cwd: folder,
    env,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return stdout + stderr;
}
