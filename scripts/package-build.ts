import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { rolldown, type InputOptions, type OutputChunk, type OutputOptions, type RolldownBuild } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { peerDependencies: object };
const PEERS = Object.keys(peerDependencies);

/** The source file of each subpath of the package, by the name of its built file. */
export const ENTRIES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(globSync('src/*.ts').map((file) => [basename(file, '.ts'), file])),
  cdk: 'cdk/index.ts',
};

export const ESM: OutputOptions = {
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
};

/** What makes a build write the types of its entries in place of their code. */
export const DECLARATIONS: InputOptions = {
  external: (id) => !/^[./\0]/.test(id),
  plugins: [dts({ emitDtsOnly: true, compilerOptions: { noEmit: false, declaration: true, stripInternal: true } })],
};

export const COMMONJS: OutputOptions = {
  format: 'cjs',
  exports: 'named',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunks/[name]-[hash].cjs',
};

/** The name that consumers import an entry by, such as `latchkey/limits`. */
export function subpathOf(name: string): string {
  return name === 'index' ? 'latchkey' : `latchkey/${name}`;
}

/** The peer dependency that an import refers to, if any. The consumer installs it, or Lambda's runtime provides it. */
export function peerOf(id: string): string | undefined {
  return PEERS.find((peer) => id === peer || id.startsWith(`${peer}/`));
}

/** Prepares a build of the given entries. Code that they share goes into chunks, so each class exists once per format. */
export function buildOf(entries: Readonly<Record<string, string>>, options: InputOptions = {}): Promise<RolldownBuild> {
  return rolldown({
    input: { ...entries },
    platform: 'node',
    transform: { target: 'node20' },
    external: (id) => peerOf(id) !== undefined,
    resolve: { mainFields: ['module', 'main'] },
    ...options,
  });
}

/** Returns an entry's chunk with the chunks that it imports, including those loaded on demand if `onDemand` is set. */
export function withImports(
  entry: OutputChunk,
  chunks: readonly OutputChunk[],
  { onDemand }: { readonly onDemand: boolean },
): ReadonlySet<OutputChunk> {
  const found = new Set([entry]);
  // The iterator of a set also visits what is added while it runs.
  for (const { imports, dynamicImports } of found)
    for (const file of onDemand ? [...imports, ...dynamicImports] : imports) {
      const chunk = chunks.find(({ fileName }) => fileName === file);
      if (chunk !== undefined) found.add(chunk);
    }
  return found;
}

/** The chunks of a finished build. */
export function chunksOf({ output }: { readonly output: readonly object[] }): OutputChunk[] {
  return (output as readonly (OutputChunk | { readonly type: 'asset' })[]).filter((one) => one.type === 'chunk');
}
