import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonTools } from './python.ts';

const run = promisify(execFile);

/** CDK writes a dependency on a role and its policy, of which the role is referred to as well: to no harm. */
const IGNORED = 'W3005';

/**
 * Lints templates with AWS's cfn-lint.
 *
 * @throws {Error} with what it found
 */
export async function cfnLint(templates: readonly string[]): Promise<void> {
  const { bin } = await pythonTools();
  await run(join(bin, 'cfn-lint'), ['--ignore-checks', IGNORED, '--', ...templates]).catch((error: unknown) => {
    throw error instanceof Error && 'stdout' in error ? new Error(String(error.stdout)) : error;
  });
}
