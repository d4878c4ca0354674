import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Code of a page, as files on the disk: a folder for each section, in which its blocks stand under their names. */
export interface Recipes {
  readonly folder: string;
  /** The file of a block, by the title of its section and the name that its first line gives it. */
  readonly file: (section: string, name: string) => string;
}

/** What a reader installs, here. */
const PACKAGE: Readonly<Record<string, string>> = {
  latchkey: 'src/index.ts',
  'latchkey/client': 'src/client.ts',
  'latchkey/limits': 'src/limits.ts',
  'latchkey/cdk': 'cdk/index.ts',
};

/**
 * Takes the TypeScript from a page: each block begins with a comment that names its file, such as `// stack.ts`, and may
 * import the others of its section by it. A `tsconfig.json` beside them checks them all as strictly as our own code.
 */
export function recipesOf(page: string): Recipes {
  const folder = resolve('dist/recipes', page.replace(/\W/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  const files = new Set<string>();
  const fileOf = (section: string, name: string) => join(folder, section.toLowerCase().replace(/\W+/g, '-'), name);
  for (const { section, name, code } of blocksOf(readFileSync(page, 'utf8'))) {
    const file = fileOf(section, name);
    if (files.has(file)) throw new Error(`${page} has two blocks ${name} in "${section}"`);
    files.add(file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      code.replaceAll(/from '(latchkey(?:\/\w+)?)'/g, (_, name: string) => `from '${ours(name, file)}'`),
    );
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: relative(folder, resolve('tsconfig.json')), include: ['.'] }),
  );
  return {
    folder,
    file: (section, name) => {
      const file = fileOf(section, name);
      if (!files.has(file)) throw new Error(`${page} has no block ${name} in "${section}"`);
      return file;
    },
  };
}

function blocksOf(markdown: string): { section: string; name: string; code: string }[] {
  return markdown.split(/^## /m).flatMap((text) => {
    const [section = ''] = text.split('\n', 1);
    return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => {
      const name = /^\/\/ ([\w/-]+\.ts)\n/.exec(code)?.[1];
      if (name === undefined) throw new Error(`a block in "${section}" does not begin with the name of its file`);
      return { section, name, code };
    });
  });
}

function ours(name: string, from: string): string {
  const source = PACKAGE[name];
  if (source === undefined) throw new Error(`the package has no ${name}`);
  return relative(dirname(from), resolve(source));
}
