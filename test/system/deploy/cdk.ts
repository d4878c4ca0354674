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
 * @param account the account. Only its environment variables are used, so a synthesis needs none
 * @param folder the folder of the app. @default this project
 * @param environment additional environment variables
 * @returns the output
 * @throws {Error} with the output, if the command fails
 */
export async function cdk(
  account: Pick<EmulatedAccount, 'environment'>,
  args: readonly string[],
  folder = '.',
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const env = {
    ...process.env,
    ...account.environment,
    CI: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...environment,
    PATH: [resolve('node_modules/.bin'), environment['PATH'] ?? process.env['PATH']].join(':'),
  };
  const { stdout, stderr } = await run(resolve('node_modules/.bin/cdk'), ['--no-color', '--no-notices', ...args], {
    cwd: folder,
    env,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return stdout + stderr;
}
