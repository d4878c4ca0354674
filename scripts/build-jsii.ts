import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { jsiiSources } from './jsii/sources.ts';
import { packageJson, PEERS } from './jsii/package-json.ts';
import { buildOf, chunksOf, COMMONJS, DECLARATIONS } from './package-build.ts';

/**
 * Builds the constructs for other languages than TypeScript: the npm package with its jsii assembly in `dist/jsii/`, and the
 * packages of the named languages, such as `node scripts/build-jsii.ts js python java`, in `dist/jsii/packages/<language>`.
 * docs/decisions/0032-jsii.md says how.
 */
const OUT = 'dist/jsii';
const ENTRY = { latchkey: 'cdk/index.ts' };
const TOOLS = resolve('jsii/node_modules/.bin');
const SILENCED_WARNINGS = [
  // jsii recommends to compile with the oldest version of the peers. `npm run test:package` runs the constructs with it.
  'metadata/missing-dev-dependency',
  // Of C#, for which there is no package.
  'language-compatibility/member-name-conflicts-with-type-name',
];
/** Where Maven keeps its plugins and the CDK. Without it, jsii-pacmak downloads them for each build. */
const MAVEN_REPOSITORY = resolve('node_modules/.cache/latchkey/maven');
const LANGUAGES = process.argv.slice(2);

if (!existsSync(TOOLS)) throw new Error('jsii is not installed. Run "npm ci --prefix jsii".');
rmSync(OUT, { recursive: true, force: true });
mkdirSync(join(OUT, 'lib'), { recursive: true });
await writeSources();
writeFileSync(join(OUT, 'package.json'), `${JSON.stringify(packageJson(), undefined, 2)}\n`);
for (const folder of ['functions', 'console'])
  cpSync(`dist/${folder}`, join(OUT, 'dist', folder), {
    recursive: true,
    filter: (path) => path !== 'dist/functions/echo',
  });
cpSync('LICENSE', join(OUT, 'LICENSE'));
cpSync('jsii/README.md', join(OUT, 'README.md'));
cpSync('jsii/rosetta', join(OUT, 'rosetta'), { recursive: true });
linkPeers();
run('jsii', ['--silence-warnings', ...SILENCED_WARNINGS]);
// Compiles the examples of the documentation, and translates them.
run('jsii-rosetta', ['extract', '--strict', '.']);
run('jsii-docgen', ['--output', 'API.md']);
if (LANGUAGES.length > 0)
  run('jsii-pacmak', [
    ...['--outdir', 'packages', '--maven-local-repository', MAVEN_REPOSITORY],
    ...LANGUAGES.flatMap((language) => ['--target', language]),
  ]);

async function writeSources(): Promise<void> {
  const code = await buildOf(ENTRY);
  await code.write({ ...COMMONJS, dir: join(OUT, 'lib'), entryFileNames: '[name].js', codeSplitting: false });
  const types = await buildOf(ENTRY, DECLARATIONS);
  const { output } = await types.generate({ format: 'esm', entryFileNames: '[name].ts' });
  const declarations = chunksOf({ output }).find(({ facadeModuleId }) => facadeModuleId?.endsWith('.d.ts'));
  if (declarations === undefined) throw new Error('The build has no declarations.');
  const { index, base } = jsiiSources(declarations.code);
  writeFileSync(join(OUT, 'lib/index.ts'), index);
  writeFileSync(join(OUT, 'lib/latchkey.d.ts'), base);
  cpSync('jsii/lib', join(OUT, 'lib'), { recursive: true });
}

/** jsii-docgen finds assemblies only below the package. */
function linkPeers(): void {
  mkdirSync(join(OUT, 'node_modules'));
  for (const peer of PEERS) symlinkSync(resolve('node_modules', peer), join(OUT, 'node_modules', peer));
}

function run(tool: string, args: readonly string[]): void {
  execFileSync(join(TOOLS, tool), args, { cwd: OUT, stdio: 'inherit' });
}
