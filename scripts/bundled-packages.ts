import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { bundle, CLI_OPTIONS } from './bundle.ts';

/** Somebody else's package, of which code is in what is published. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As its package.json has it. */
  readonly manifest: object;
  /** Whether our own code imports it; the others come with those. */
  readonly direct: boolean;
  /** What holds its code, such as `functions/authorizer`. */
  readonly in: readonly string[];
}

/** Everything that is published and holds other people's code, as it is built, but for the sample's handler. */
async function published(): Promise<readonly (readonly [name: string, metafile: Metafile])[]> {
  const functions = globSync('functions/*.ts').map((entry) => `functions/${basename(entry, '.ts')}`);
  const bundles = functions
    .filter((name) => name !== 'functions/echo')
    .map(async (name) => [name, await bundle(`${name}.ts`, 'dist/unwritten', { write: false })] as const);
  const cli = bundle('cli/latchkey.ts', 'dist/unwritten', { ...CLI_OPTIONS, write: false });
  const limits = build({
    entryPoints: ['lib/limits.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: ['@aws-sdk/*', '@smithy/*'],
  });
  return Promise.all([
    ...bundles,
    cli.then((metafile) => ['cli/latchkey', metafile] as const),
    limits.then(({ metafile }) => ['lib/limits', metafile] as const),
  ]);
}

/** The packages whose code is published, by name and version. */
export async function bundledPackages(): Promise<BundledPackage[]> {
  const found = new Map<string, { folder: string; direct: boolean; in: Set<string> }>();
  for (const [name, { inputs }] of await published()) {
    const direct = new Set(
      Object.entries(inputs)
        .filter(([file]) => !file.includes('node_modules/'))
        .flatMap(([, { imports }]) => imports.map(({ path }) => folderOf(path))),
    );
    for (const file of Object.keys(inputs)) {
      const folder = folderOf(file);
      if (folder === undefined) continue;
      const known = found.get(folder) ?? { folder, direct: false, in: new Set<string>() };
      found.set(folder, { ...known, direct: known.direct || direct.has(folder), in: known.in.add(name) });
    }
  }
  return [...found.values()]
    .map(({ folder, direct, in: places }) => {
      const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { name: string; version: string };
      return { name: manifest.name, version: manifest.version, manifest, direct, in: [...places] };
    })
    .sort((one, other) => one.name.localeCompare(other.name) || one.version.localeCompare(other.version));
}

/** The folder of the package that a file is of: the last one in its path. */
function folderOf(file: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}
