import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);

const { peerDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as { peerDependencies: object };
/** Every package that a consumer of all subpaths installs. */
export const PEERS = [...Object.keys(peerDependencies), '@types/node', 'zod'];

/** Packs this package, without building it again. Returns the path of the tarball. */
export async function pack(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-tarball-'));
  const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]);
  return join(folder, stdout.trim());
}

/** A folder with the packed package and some of this project's packages in `node_modules`. */
export class Consumer {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(tarball: string, packages: readonly string[]): Promise<Consumer> {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-consumer-'));
    const installed = join(folder, 'node_modules/latchkey');
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
    for (const name of packages) {
      const link = join(folder, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(resolve('node_modules', name), link);
    }
    return new Consumer(folder);
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.folder, file), text);
  }

  /** Runs a file and returns what it printed, or its error. */
  async node(executable: string, file: string): Promise<string> {
    try {
      const { stdout } = await run(executable, [file], { cwd: this.folder });
      return stdout.trim();
    } catch (error) {
      return String(error);
    }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** The Node.js of this project, and that of the machine if it has another one, by version. */
export async function nodeVersions(): Promise<[version: string, executable: string][]> {
  const { stdout } = await run('which', ['-a', 'node']);
  const found = new Map<string, string>();
  for (const executable of [process.execPath, ...stdout.trim().split('\n')]) {
    const version = await run(executable, ['--version']);
    const name = version.stdout.trim();
    if (!found.has(name)) found.set(name, executable);
  }
  return [...found];
}
