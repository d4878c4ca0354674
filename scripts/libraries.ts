import { readFileSync } from 'node:fs';
import type { BuildOptions } from 'esbuild';
import { REQUIRE } from './bundle.ts';

const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { peerDependencies: object };
/** What the consumer has: its own, or of the AWS SDK what Lambda's runtime has. */
const external = Object.keys(peerDependencies);

const shared: BuildOptions = {
  outbase: '.',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  sourcemap: false,
};

/** How each library that is published, and the constructs, are bundled: by their entries. */
export const LIBRARIES: Readonly<Record<string, BuildOptions>> = {
  ...Object.fromEntries(
    ['lib/index', 'lib/backend', 'lib/jwt', 'lib/testing', 'cdk/index'].map((name) => [
      name,
      { ...shared, entryPoints: [`${name}.ts`], packages: 'external' } satisfies BuildOptions,
    ]),
  ),
  'lib/limits': { ...shared, entryPoints: ['lib/limits.ts'], external, mainFields: ['module', 'main'] },
  // Split, so that it loads only the clients that it is used with.
  'lib/client': {
    ...shared,
    entryPoints: ['lib/client.ts'],
    external,
    splitting: true,
    chunkNames: 'lib/client/[name]-[hash]',
    mainFields: ['module', 'main'],
  },
  // Whole: the authorizer reads DynamoDB by parts of the SDK that Lambda's runtime does not have apart.
  'lib/authorizer': {
    ...shared,
    entryPoints: ['lib/authorizer.ts'],
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
  },
};
