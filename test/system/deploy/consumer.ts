import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The other packages of a consumer's project, in the versions of this project. */
const OTHER_PACKAGES = ['aws-cdk-lib', 'constructs', '@types/node', 'typescript'];

/** A consumer's project, with Latchkey installed from the packed tarball. */
export interface Consumer {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Packs this package into a folder, which builds it again. Returns the path of the tarball. */
export async function packTarball(folder: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder]);
  return join(folder, stdout.trim().split('\n').at(-1) ?? '');
}

/**
 * Installs the packed tarball in another folder, so that only published files are available.
 *
 * @param tarball the path that {@link packTarball} returned
 * @param more additional packages to install
 */
export async function consumer(tarball: string, more: readonly string[] = []): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-consumer-'));
  const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const versions = [...OTHER_PACKAGES, ...more].map((name) => [name, devDependencies[name]]);
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: { ...(Object.fromEntries(versions) as object), latchkey: `file:${tarball}` },
    }),
  );
  // Installing this project put everything but the tarball into npm's cache.
  const quickly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  // Retry early if the registry is slow: npm's own timeout is five minutes.
  await run('npm', ['install', ...quickly, '--fetch-timeout=20000', '--fetch-retries=4'], { cwd: folder });
  await cp(resolve('examples'), folder, { recursive: true, filter: (path) => !/node_modules|cdk\.out/.test(path) });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
