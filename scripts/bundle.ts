import { build, type BuildOptions, type Metafile } from 'esbuild';

/** The `require` that CommonJS modules call, even in an ESM bundle. */
export const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Options for the CLI, in addition to those of the functions. */
export const CLI_OPTIONS: BuildOptions = {
  banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
  // `@pnpm/tabtab` reads its templates from its own folder, which is the folder of the bundle.
  define: { __dirname: 'import.meta.dirname' },
};

/**
 * Bundles one entry to `<folder>/index.mjs`. Dynamic imports become separate files, which a cold start doesn't read.
 *
 * An ESM bundle of the AWS SDK needs `mainFields` and the banner to run: see docs/decisions/0016-no-dependencies.md.
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

/** Returns how many bytes of a bundle a cold start loads, and how many are loaded on demand. */
export function sizesOf({ outputs }: Metafile): {
  readonly entry: string;
  readonly loaded: number;
  readonly onDemand: number;
} {
  const [entry = ''] = Object.keys(outputs).filter((file) => file.endsWith('/index.mjs'));
  const loaded = new Set<string>([entry]);
  // The loop also visits files that it adds to the set.
  for (const file of loaded)
    for (const { path, kind } of outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && path in outputs) loaded.add(path);
  const bytes = (files: Iterable<string>) => [...files].reduce((total, file) => total + (outputs[file]?.bytes ?? 0), 0);
  const loadedBytes = bytes(loaded);
  return { entry, loaded: loadedBytes, onDemand: bytes(Object.keys(outputs)) - loadedBytes };
}
