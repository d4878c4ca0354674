import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundle, CLI_OPTIONS } from './bundle.ts';
import { consoleModules, fileOf } from './console-modules.ts';
import { buildOf, chunksOf, ENTRIES, ESM, subpathOf, withImports } from './package-build.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** A third-party package with code in the published package. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** Its package.json. */
  readonly manifest: Manifest;
  /** Whether Latchkey's own code imports it, or only another package does. */
  readonly direct: boolean;
  /** The functions and libraries that contain its code, such as `functions/authorizer`. */
  readonly in: readonly string[];
}

/** The files of a bundle, with the files that each imports. */
type Modules = ReadonlyMap<string, readonly string[]>;

function modulesOf({ inputs }: Metafile): Modules {
  return new Map(Object.entries(inputs).map(([file, { imports }]) => [file, imports.map(({ path }) => path)]));
}

/** Returns the modules of each bundle of the published package; the handler of the sample API is not published. */
async function published(): Promise<readonly (readonly [name: string, modules: Modules])[]> {
  const functions = globSync('functions/*.ts').map((entry) => `functions/${basename(entry, '.ts')}`);
  const bundles = functions
    .filter((name) => name !== 'functions/echo')
    .map(async (name) => [name, await bundle(`${name}.ts`, 'dist/unwritten', { write: false })] as const);
  const cli = bundle('cli/latchkey.ts', 'dist/unwritten', { ...CLI_OPTIONS, write: false });
  const bundled = await Promise.all([...bundles, cli.then((metafile) => ['cli/latchkey', metafile] as const)]);
  return [
    ...bundled.map(([name, metafile]) => [name, modulesOf(metafile)] as const),
    ...(await subpathModules()),
    ['console', await consoleModules()],
  ];
}

/** Returns the modules of each subpath of the package. Both formats are built from the same modules. */
async function subpathModules(): Promise<readonly (readonly [name: string, modules: Modules])[]> {
  const imports = new Map<string, readonly string[]>();
  const build = await buildOf(ENTRIES, {
    plugins: [
      {
        name: 'module-imports',
        generateBundle() {
          for (const id of this.getModuleIds())
            imports.set(id, (this.getModuleInfo(id)?.importedIds ?? []).map(fileOf));
        },
      },
    ],
  });
  const chunks = chunksOf(await build.generate(ESM));
  return chunks
    .filter(({ isEntry }) => isEntry)
    .map((entry) => {
      const ids = [...withImports(entry, chunks, { onDemand: true })].flatMap(({ moduleIds }) => moduleIds);
      return [subpathOf(entry.name), new Map(ids.map((id) => [fileOf(id), imports.get(id) ?? []]))];
    });
}

/** The packages whose code is published, by name and version. */
export async function bundledPackages(): Promise<BundledPackage[]> {
  const found = new Map<string, { folder: string; direct: boolean; in: Set<string> }>();
  for (const [name, modules] of await published()) {
    const ours = [...modules].filter(([file]) => !file.includes('node_modules/'));
    const direct = new Set(ours.flatMap(([, imports]) => imports.map(folderOf)));
    for (const file of modules.keys()) {
      const folder = folderOf(file);
      if (folder === undefined) continue;
      const known = found.get(folder) ?? { folder, direct: false, in: new Set<string>() };
      found.set(folder, { ...known, direct: known.direct || direct.has(folder), in: known.in.add(name) });
    }
  }
  return [...found.values()]
    .map(({ folder, direct, in: places }) => {
      const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest;
      return { name: manifest.name, version: manifest.version, manifest, direct, in: [...places] };
    })
    .sort((one, other) => one.name.localeCompare(other.name) || one.version.localeCompare(other.version));
}

/** Returns the folder of a file's package: the last one in its path. */
function folderOf(file: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}
