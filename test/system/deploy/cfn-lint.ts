import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonTools } from './python.ts';

const run = promisify(execFile);

/** Redundant dependencies: CDK adds `DependsOn` for roles that are also referenced. They are harmless. */
const IGNORED = 'W3005';

/**
 * Lints templates with AWS's cfn-lint.
 *
 * @throws {Error} with the findings, if there are any
 */
export async function cfnLint(templates: readonly string[]): Promise<void> {
  const { bin } = await pythonTools();
  await run(join(bin, 'cfn-lint'), ['--ignore-checks', IGNORED, '--', ...templates]).catch((error: unknown) => {
    throw error instanceof Error && 'stdout' in error ? new Error(String(error.stdout)) : error;
  });
}
