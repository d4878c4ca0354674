import { globSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles every Lambda entry to `dist/functions/<name>/index.mjs`, each complete in its folder.
 *
 * `mainFields` and the banner are what an ESM bundle of the AWS SDK needs to run: see docs/architecture.md.
 */
const OUT = 'dist/functions';
/** Built aside and moved into place, so that whoever runs the bundles meanwhile finds the old ones or the new. */
const ASIDE = `dist/.functions-${String(process.pid)}`;

const result = await build({
  entryPoints: globSync('functions/*.ts').map((file) => ({ in: file, out: `${basename(file, '.ts')}/index` })),
  outdir: ASIDE,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  metafile: true,
  legalComments: 'none',
});

await rm(OUT, { recursive: true, force: true });
await mkdir('dist', { recursive: true });
await rename(ASIDE, OUT);

for (const [file, { bytes }] of Object.entries(result.metafile.outputs)) {
  console.log(`${String(Math.ceil(bytes / 1024)).padStart(5)} kB  ${file.replace(ASIDE, OUT)}`);
}
