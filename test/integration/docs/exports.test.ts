import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { beforeAll, expect, it } from 'vitest';

interface Exported {
  readonly file: string;
  readonly name: string;
  readonly documented: boolean;
}

/** Returns the exports of the files, as TypeScript resolves them. */
function exportsOf(files: readonly string[]): Exported[] {
  const { config } = ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, '.');
  const program = ts.createProgram(
    files.map((file) => resolve(file)),
    options,
  );
  const checker = program.getTypeChecker();
  return files.flatMap((file) => {
    const source = program.getSourceFile(resolve(file));
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} exports nothing`);
    return checker.getExportsOfModule(module).map((symbol) => {
      const original = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
      return { file, name: symbol.name, documented: original.getDocumentationComment(checker).length > 0 };
    });
  });
}

let exported: Exported[];
beforeAll(() => {
  exported = exportsOf(globSync('src/*.ts'));
}, 180_000);

it('every export of the package has a doc comment', () => {
  expect(exported.length).toBeGreaterThan(50);
  expect(exported.filter(({ documented }) => !documented)).toEqual([]);
});

it.each(['Restrictions', 'Limits', 'KeyUsage', 'ImportAnswer', 'ImportOutcome', 'ExportAnswer', 'PortableKey'])(
  'latchkey/client exports the type %s',
  (type) => {
    expect(exported.filter(({ file }) => file === 'src/client.ts').map(({ name }) => name)).toContain(type);
  },
);
