import { build, type BuildOptions, type Metafile } from 'esbuild';

/**
 * Bundles one entry to `<folder>/index.mjs`. What it imports on demand goes into files of its own beside it, which
 * a cold start does not read.
 *
 * `mainFields` and the banner are what an ESM bundle of the AWS SDK needs to run: see docs/architecture.md.
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
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    legalComments: 'none',
    ...options,
    metafile: true,
  });
  return metafile;
}
