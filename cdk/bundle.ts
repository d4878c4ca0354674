import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';

/** The names of the packages that contain this file: this project's, and the one for other languages. */
const PACKAGES: readonly unknown[] = ['latchkey', 'latchkey-cdk'];

/** Defines `require`, which CommonJS modules in an ESM bundle call. */
export const REQUIRE =
  "import { createRequire as latchkeyRequire } from 'node:module'; const require = latchkeyRequire(import.meta.url);";

/**
 * Returns the prebuilt bundle of a function. An app doesn't need esbuild for it.
 *
 * @param name the name of its entry file in `functions/`, without the extension
 * @throws {Error} if the bundle has not been built
 */
export function bundle(name: string): Code {
  const folder = join(packageRoot(), 'dist/functions', name);
  if (!existsSync(join(folder, 'index.mjs')))
    throw new Error(`The function ${name} has no bundle in ${folder}. Run "npm run build".`);
  return Code.fromAsset(folder);
}

/**
 * Returns the folder of the console's prebuilt pages.
 *
 * @throws {Error} if the pages have not been built
 */
export function builtConsole(): string {
  const folder = join(packageRoot(), 'dist/console');
  if (!existsSync(join(folder, 'index.html')))
    throw new Error(`The console has no pages in ${folder}. Run "npm run build".`);
  return folder;
}

/** Returns the root of this package, which contains `cdk/` as source, and `dist/` as published. */
function packageRoot(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (PACKAGES.includes(nameOf(join(folder, 'package.json')))) return folder;
  }
  throw new Error(
    `${import.meta.dirname} is not in the package ${PACKAGES.join(' or ')}. Don't bundle latchkey/cdk into another file.`,
  );
}

function nameOf(packageJson: string): unknown {
  if (!existsSync(packageJson)) return undefined;
  return (JSON.parse(readFileSync(packageJson, 'utf8')) as { name?: unknown }).name;
}
