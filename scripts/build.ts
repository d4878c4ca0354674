import { globSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles every Lambda entry to `dist/functions/<name>/index.mjs`, each complete in its folder. What is imported
 * on demand goes into files of its own beside it, which a cold start does not read.
 *
 * `mainFields` and the banner are what an ESM bundle of the AWS SDK needs to run: see docs/architecture.md.
 */
const OUT = 'dist/functions';

await rm(OUT, { recursive: true, force: true });
const results = await Promise.all(
  globSync('functions/*.ts').map((file) =>
    build({
      entryPoints: { index: file },
      outdir: `${OUT}/${basename(file, '.ts')}`,
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
      metafile: true,
      legalComments: 'none',
    }),
  ),
);

for (const { metafile } of results) {
  const sizes = Object.entries(metafile.outputs);
  const total = (files: typeof sizes) => files.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  const entry = sizes.filter(([file]) => file.endsWith('/index.mjs'));
  const onDemand = total(sizes) - total(entry);
  console.log(
    `${kilobytes(total(entry))}  ${String(entry[0]?.[0])}${onDemand > 0 ? `, and${kilobytes(onDemand)} on demand` : ''}`,
  );
}

function kilobytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1024)).padStart(5)} kB`;
}
