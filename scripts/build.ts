import { globSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { bundle, sizesOf } from './bundle.ts';

/** Bundles every Lambda entry to `dist/functions/<name>/index.mjs`, each complete in its folder. */
const OUT = 'dist/functions';
/** Built aside and moved into place, so that whoever runs the bundles meanwhile finds the old ones or the new. */
const ASIDE = `dist/.functions-${String(process.pid)}`;

const metafiles = await Promise.all(
  globSync('functions/*.ts').map((entry) => bundle(entry, `${ASIDE}/${basename(entry, '.ts')}`)),
);
await rm(OUT, { recursive: true, force: true });
await mkdir('dist', { recursive: true });
await rename(ASIDE, OUT);
for (const metafile of metafiles) {
  const { entry, loaded, onDemand } = sizesOf(metafile);
  const rest = onDemand > 0 ? `, and ${kilobytes(onDemand)} on demand` : '';
  console.log(`${kilobytes(loaded).padStart(8)}  ${entry.replace(ASIDE, OUT)}${rest}`);
}

function kilobytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1024))} kB`;
}
