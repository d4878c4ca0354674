import { rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { OutputChunk } from 'rolldown';
import {
  buildOf,
  chunksOf,
  COMMONJS,
  DECLARATIONS,
  ENTRIES,
  ESM,
  peerOf,
  subpathOf,
  withImports,
} from './package-build.ts';

/**
 * Builds the subpaths of the package to `dist/package/`, as ES modules and as CommonJS, both with types. The code of
 * other packages is bundled, except for the peer dependencies.
 *
 * The constructs are built as CommonJS only, like aws-cdk-lib, and `cdk.js` re-exports them. An app can load both
 * formats, for example through a library of constructs, and must not get two copies of a class.
 */
const OUT = 'dist/package';

/**
 * An import from a package that has no CommonJS types. In CommonJS types it needs a resolution mode, which the types for
 * ES modules cannot have: the module resolution `node10`, which uses those, rejects it.
 */
const FROM_ES_MODULES = /^import (\{.*\} from ['"]@middy\/core['"]);$/gm;

await rm(OUT, { recursive: true, force: true });
await writeModules();
await writeCommonJs();
await writeTypes();

async function writeModules(): Promise<void> {
  const { cdk: _, ...libraries } = ENTRIES;
  const build = await buildOf(libraries);
  const chunks = chunksOf(await build.write({ ...ESM, dir: OUT }));
  for (const entry of chunks.filter(({ isEntry }) => isEntry)) {
    const peers = peersOf(entry, chunks);
    if (peers.length > 0) await writeFile(`${OUT}/${entry.name}.node.js`, entryForNode(entry, peers));
  }
}

async function writeCommonJs(): Promise<void> {
  const build = await buildOf(ENTRIES);
  const chunks = chunksOf(await build.generate(COMMONJS));
  const peers = new Map(chunks.map((chunk) => [chunk.fileName, chunk.isEntry ? peersOf(chunk, chunks) : []]));
  const banner = ({ name, fileName }: { readonly name: string; readonly fileName: string }) => {
    const required = peers.get(fileName) ?? [];
    return required.length === 0 ? '' : checkOf(name, required, 'require.resolve');
  };
  await build.write({ ...COMMONJS, dir: OUT, banner });
  const cdk = chunks.find(({ name }) => name === 'cdk');
  if (cdk === undefined) throw new Error('The build has no chunk named "cdk".');
  await writeFile(`${OUT}/cdk.js`, `export { ${cdk.exports.join(', ')} } from './${cdk.fileName}';\n`);
}

/**
 * An ES module cannot run anything before its imports are resolved. This entry, which only Node uses, checks for the
 * peer dependencies and then imports the real one. Bundlers use the real one directly (the `module` condition), because
 * not every output format supports `await` at the top level.
 */
function entryForNode({ name, fileName, exports }: OutputChunk, peers: readonly string[]): string {
  const check = checkOf(name, peers, 'import.meta.resolve');
  return `${check}\nexport const { ${exports.join(', ')} } = await import('./${fileName}');\n`;
}

/** Code that throws an error if one of the peer dependencies is not installed. */
function checkOf(name: string, peers: readonly string[], resolve: 'require.resolve' | 'import.meta.resolve'): string {
  const message = `${subpathOf(name)} requires packages that are not installed: `;
  return `const missingPackages = ${JSON.stringify(peers)}.filter((name) => {
  try {
    ${resolve}(name);
    return false;
  } catch {
    return true;
  }
});
if (missingPackages.length > 0)
  throw new Error(${JSON.stringify(message)} + missingPackages.join(', ') + '. Run "npm install ' + missingPackages.join(' ') + '".');`;
}

/** The peer dependencies without which an entry cannot be loaded. */
function peersOf(entry: OutputChunk, chunks: readonly OutputChunk[]): string[] {
  const imports = [...withImports(entry, chunks, { onDemand: false })].flatMap((chunk) => chunk.imports);
  return [...new Set(imports.map(peerOf).filter((peer) => peer !== undefined))].sort();
}

async function writeTypes(): Promise<void> {
  const build = await buildOf(ENTRIES, DECLARATIONS);
  const sources = new Map(Object.entries(ENTRIES).map(([name, source]) => [resolve(source), name]));
  for (const extension of ['d.ts', 'd.cts']) {
    const { output } = await build.generate({
      format: 'esm',
      // The plugin also makes an empty module of each entry, with the source file's own name.
      entryFileNames: ({ facadeModuleId }) => {
        const name = sources.get(facadeModuleId?.replace(/\.d\.ts$/, '.ts') ?? '') ?? '[name]';
        return facadeModuleId?.endsWith('.d.ts') === true ? `${name}.${extension}` : `empty/${name}.js`;
      },
      chunkFileNames: `chunks/[name]-[hash].${extension}`,
    });
    for (const { fileName, code } of chunksOf({ output }))
      if (!fileName.startsWith('empty/'))
        await writeFile(
          `${OUT}/${fileName}`,
          extension === 'd.cts'
            ? code.replaceAll(FROM_ES_MODULES, "import type $1 with { 'resolution-mode': 'import' };")
            : code,
        );
  }
}
