import { globSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as buildPages } from 'vite';
import { bundle, CLI_OPTIONS, sizesOf } from './bundle.ts';

const OUT = 'dist';
/**
 * The bundles are built in another folder and then moved, so that a process that loads them during a build finds complete
 * files.
 */
const ASIDE = `${OUT}/.build-${String(process.pid)}`;

/** Builds each Lambda function to `dist/functions/<name>/index.mjs`. */
const functions = globSync('functions/*.ts').map((entry) =>
  bundle(entry, `${ASIDE}/functions/${basename(entry, '.ts')}`),
);
const cli = bundle('cli/latchkey.ts', `${ASIDE}/cli`, CLI_OPTIONS);
/** Builds the console to static files in `dist/console`. */
const pages = buildPages({
  configFile: 'console/vite.config.ts',
  build: { outDir: `${process.cwd()}/${ASIDE}/console` },
});
const [metafiles] = await Promise.all([Promise.all([...functions, cli]), pages]);
await chmod(`${ASIDE}/cli/index.mjs`, 0o755);
await cp('node_modules/@pnpm/tabtab/lib/templates', `${ASIDE}/cli/templates`, { recursive: true });

await mkdir(OUT, { recursive: true });
for (const part of ['functions', 'cli', 'console']) {
  await rm(`${OUT}/${part}`, { recursive: true, force: true });
  await rename(`${ASIDE}/${part}`, `${OUT}/${part}`);
}
await rm(ASIDE, { recursive: true });
for (const metafile of metafiles) {
  const { entry, loaded, onDemand } = sizesOf(metafile);
  const rest = onDemand > 0 ? `, and ${kilobytes(onDemand)} on demand` : '';
  console.log(`${kilobytes(loaded).padStart(8)}  ${entry.replace(ASIDE, OUT)}${rest}`);
}
const assets = globSync(`${OUT}/console/assets/*.{js,css}`);
for (const file of assets) {
  const text = readFileSync(file);
  console.log(`${kilobytes(text.length).padStart(8)}  ${file}, ${kilobytes(gzipSync(text).length)} compressed`);
}

function kilobytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1024))} kB`;
}
