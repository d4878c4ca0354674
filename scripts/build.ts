import { globSync } from 'node:fs';
import { chmod, cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { bundle, CLI_OPTIONS, sizesOf } from './bundle.ts';

const OUT = 'dist';
/** Built aside and moved into place, so that whoever runs the bundles meanwhile finds the old ones or the new. */
const ASIDE = `${OUT}/.build-${String(process.pid)}`;

/** Every Lambda entry becomes `dist/functions/<name>/index.mjs`, each complete in its folder. */
const functions = globSync('functions/*.ts').map((entry) =>
  bundle(entry, `${ASIDE}/functions/${basename(entry, '.ts')}`),
);
const cli = bundle('cli/latchkey.ts', `${ASIDE}/cli`, CLI_OPTIONS);
const metafiles = await Promise.all([...functions, cli]);
await chmod(`${ASIDE}/cli/index.mjs`, 0o755);
await cp('node_modules/@pnpm/tabtab/lib/templates', `${ASIDE}/cli/templates`, { recursive: true });

await mkdir(OUT, { recursive: true });
for (const part of ['functions', 'cli']) {
  await rm(`${OUT}/${part}`, { recursive: true, force: true });
  await rename(`${ASIDE}/${part}`, `${OUT}/${part}`);
}
await rm(ASIDE, { recursive: true });
for (const metafile of metafiles) {
  const { entry, loaded, onDemand } = sizesOf(metafile);
  const rest = onDemand > 0 ? `, and ${kilobytes(onDemand)} on demand` : '';
  console.log(`${kilobytes(loaded).padStart(8)}  ${entry.replace(ASIDE, OUT)}${rest}`);
}

function kilobytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1024))} kB`;
}
