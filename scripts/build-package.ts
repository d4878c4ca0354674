import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { LIBRARIES } from './libraries.ts';

/**
 * Builds what is published beside the function bundles, to `dist/package/`: the libraries, the limiter, the client and the
 * constructs, a file each, and their types.
 *
 * Bundled, so that nothing of the functions' own is in it, and what they depend on is nobody else's dependency.
 */
const OUT = 'dist/package';

await rm(OUT, { recursive: true, force: true });
await Promise.all(Object.values(LIBRARIES).map((options) => build({ ...options, outdir: OUT })));
execFileSync('tsc', ['--project', 'tsconfig.build.json'], { stdio: 'inherit' });
