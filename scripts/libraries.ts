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
    ['src/index', 'src/jwt', 'src/testing', 'cdk/index'].map((name) => [
      name,
      { ...shared, entryPoints: [`${name}.ts`], packages: 'external' } satisfies BuildOptions,
    ]),
  ),
  'src/limits': { ...shared, entryPoints: ['src/limits.ts'], external, mainFields: ['module', 'main'] },
  // Split, so that it loads only the clients that it is used with.
  'src/client': {
    ...shared,
    entryPoints: ['src/client.ts'],
    external,
    splitting: true,
    chunkNames: 'src/client/[name]-[hash]',
    mainFields: ['module', 'main'],
  },
  // Whole: the authorizer reads DynamoDB by parts of the SDK that Lambda's runtime does not have apart.
  'src/authorizer': {
    ...shared,
    entryPoints: ['src/authorizer.ts'],
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
  },
};
