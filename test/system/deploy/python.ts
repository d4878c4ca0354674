import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SetupError } from '../../../local/setup-error.ts';

const run = promisify(execFile);

const REQUIREMENTS = 'test/system/deploy/requirements.txt';
/** In `node_modules`, so it is ignored by Git and deleted with the installed packages. */
const CACHE = 'node_modules/.cache/latchkey';

/** The folder of the programs that a requirements file pins by version and hash. */
export interface PythonTools {
  readonly bin: string;
}

/**
 * Installs the pinned Python programs into the project's virtual environment, unless they are installed already.
 *
 * The environment variable `PYTHON` names the interpreter. @default `python3`
 *
 * @param requirementsFile the programs to install. @default MiniStack, cfn-lint, and the AWS CLI
 * @throws {SetupError} if no suitable Python is installed
 */
export async function pythonTools(requirementsFile = REQUIREMENTS): Promise<PythonTools> {
  const requirements = readFileSync(requirementsFile);
  const folder = resolve(CACHE, `python-${createHash('sha256').update(requirements).digest('hex').slice(0, 12)}`);
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const done = join(folder, 'installed');
  if (existsSync(done)) return { bin };

  const python = process.env['PYTHON'] ?? 'python3';
  await rm(folder, { recursive: true, force: true });
  await run(python, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))']).catch(() => {
    throw new SetupError(
      `The emulated AWS needs Python 3.10 or newer with its venv module, and "${python}" is not that; install it (https://www.python.org), or name it in PYTHON.`,
    );
  });
  await run(python, ['-m', 'venv', folder]);
  await run(join(bin, 'python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--require-hashes',
    '--requirement',
    requirementsFile,
  ]);
  await run(join(bin, 'python'), ['-c', `open(${JSON.stringify(done)}, 'w').close()`]);
  return { bin };
}
