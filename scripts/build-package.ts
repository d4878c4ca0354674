import { readFile, rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { build, type BuildOptions } from 'esbuild';
import { REQUIRE } from './bundle.ts';

/**
 * Builds what is published beside the function bundles, to `dist/package/`: the libraries, the limiter, the client and the
 * constructs, a file each, and their types.
 *
 * Bundled, so that nothing of the functions' own is in it, and what they depend on is nobody else's dependency.
 */
const OUT = 'dist/package';

await rm(OUT, { recursive: true, force: true });
const { peerDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as { peerDependencies: object };
/** What the consumer has: its own, or of the AWS SDK what Lambda's runtime has. */
const external = Object.keys(peerDependencies);
const options: BuildOptions = {
  outdir: OUT,
  outbase: '.',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  sourcemap: false,
};
await Promise.all([
  build({
    ...options,
    entryPoints: ['lib/index.ts', 'lib/backend.ts', 'lib/jwt.ts', 'lib/testing.ts', 'cdk/index.ts'],
    packages: 'external',
  }),
  build({ ...options, entryPoints: ['lib/limits.ts'], external, mainFields: ['module', 'main'] }),
  // Split, so that it loads only the clients that it is used with.
  build({
    ...options,
    entryPoints: ['lib/client.ts'],
    external,
    splitting: true,
    chunkNames: 'lib/client/[name]-[hash]',
    mainFields: ['module', 'main'],
  }),
  // Whole: the authorizer reads DynamoDB by parts of the SDK that Lambda's runtime does not have apart.
  build({
    ...options,
    entryPoints: ['lib/authorizer.ts'],
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
  }),
]);
execFileSync('tsc', ['--project', 'tsconfig.build.json'], { stdio: 'inherit' });
