import { build, type BuildOptions, type Metafile } from 'esbuild';

/** The `require` that CommonJS modules call, even in an ESM bundle. */
export const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** What the command line's bundle has beside the functions'. */
export const CLI_OPTIONS: BuildOptions = {
  banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
  // `@pnpm/tabtab` reads its templates from its own folder, which is then the bundle's.
  define: { __dirname: 'import.meta.dirname' },
};

/**
 * Bundles one entry to `<folder>/index.mjs`. What it imports on demand goes into files of its own beside it, which
 * a cold start does not read.
 *
 * `mainFields` and the banner are what an ESM bundle of the AWS SDK needs to run: see docs/decisions/0016-no-dependencies.md.
 */
export async function bundle(entry: string, folder: string, options: BuildOptions = {}): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: { index: entry },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'on-demand/[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    legalComments: 'none',
    ...options,
    metafile: true,
  });
  return metafile;
}

/** How many bytes of a bundle a cold start loads, and how many only what is imported on demand. */
export function sizesOf({ outputs }: Metafile): {
  readonly entry: string;
  readonly loaded: number;
  readonly onDemand: number;
} {
  const [entry = ''] = Object.keys(outputs).filter((file) => file.endsWith('/index.mjs'));
  const loaded = new Set<string>([entry]);
  // A set is walked to its end, though it grows meanwhile.
  for (const file of loaded)
    for (const { path, kind } of outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && path in outputs) loaded.add(path);
  const bytes = (files: Iterable<string>) => [...files].reduce((total, file) => total + (outputs[file]?.bytes ?? 0), 0);
  const loadedBytes = bytes(loaded);
  return { entry, loaded: loadedBytes, onDemand: bytes(Object.keys(outputs)) - loadedBytes };
}
