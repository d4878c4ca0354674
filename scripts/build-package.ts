import { rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';

/**
 * Builds what is published beside the function bundles, to `dist/package/`: the library and the constructs, a file
 * each, and their types.
 *
 * Bundled, so that nothing of the functions' own is in it, and what they depend on is nobody else's dependency.
 */
const OUT = 'dist/package';

await rm(OUT, { recursive: true, force: true });
await build({
  entryPoints: ['lib/index.ts', 'cdk/index.ts'],
  outdir: OUT,
  outbase: '.',
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node22',
  format: 'esm',
  sourcemap: false,
});
execFileSync('tsc', ['--project', 'tsconfig.build.json'], { stdio: 'inherit' });
