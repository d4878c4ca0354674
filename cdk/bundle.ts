import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';

const PACKAGE = 'latchkey';

/** The `require` that CommonJS modules call, even in an ESM bundle. */
export const REQUIRE =
  "import { createRequire as latchkeyRequire } from 'node:module'; const require = latchkeyRequire(import.meta.url);";

/**
 * The code of a function, bundled beforehand: nobody's synthesis needs esbuild.
 *
 * @param name its entry file in `functions/`, without the extension
 * @throws {Error} if it has not been built
 */
export function bundle(name: string): Code {
  const folder = join(packageRoot(), 'dist/functions', name);
  if (!existsSync(join(folder, 'index.mjs')))
    throw new Error(`There is no bundle of the function ${name} in ${folder}: run "npm run build" first.`);
  return Code.fromAsset(folder);
}

/**
 * The folder of the console's pages, built beforehand as well.
 *
 * @throws {Error} if they have not been built
 */
export function builtConsole(): string {
  const folder = join(packageRoot(), 'dist/console');
  if (!existsSync(join(folder, 'index.html')))
    throw new Error(`There are no pages of the console in ${folder}: run "npm run build" first.`);
  return folder;
}

/** The nearest folder above that is our package: `cdk/` lies in it as source, and in `dist/` as published. */
function packageRoot(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (nameOf(join(folder, 'package.json')) === PACKAGE) return folder;
  }
  throw new Error(`No package "${PACKAGE}" above ${import.meta.dirname}: was this file bundled into another?`);
}

function nameOf(packageJson: string): unknown {
  if (!existsSync(packageJson)) return undefined;
  return (JSON.parse(readFileSync(packageJson, 'utf8')) as { name?: unknown }).name;
}
