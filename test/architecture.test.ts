import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Which part may import which. `functions` stands for the Lambda entries, the files right in it.
 * Anything not listed may import nothing of the project's.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'functions/domain': ['functions/domain'],
  'functions/store': ['functions/domain', 'functions/store'],
  'functions/limit': ['functions/domain', 'functions/store', 'functions/caller', 'functions/limit'],
  'functions/stream': ['functions/domain', 'functions/store', 'functions/stream'],
  'functions/usage': ['functions/domain', 'functions/store', 'functions/usage'],
  'functions/events': ['functions/domain', 'functions/store', 'functions/stream', 'functions/events'],
  'functions/native': ['functions/domain', 'functions/store', 'functions/stream', 'functions/native'],
  'functions/authorize': ['functions/domain', 'functions/store', 'functions/limit', 'functions/authorize'],
  'functions/compose': ['functions/domain', 'functions/store', 'functions/authorize', 'functions/compose'],
  'functions/manage': ['functions/domain', 'functions/store', 'functions/manage'],
  'functions/leaks': ['functions/domain', 'functions/store', 'functions/leaks'],
  functions: [
    'functions/usage',
    'functions/stream',
    'functions/native',
    'functions/events',
    'functions/domain',
    'functions/store',
    'functions/limit',
    'functions/authorize',
    'functions/manage',
    'functions/leaks',
  ],
  cdk: [
    'functions/domain',
    'functions/store/table.ts',
    'functions/store/limits-table.ts',
    'functions/store/usage-table.ts',
    'functions/manage/routes.ts',
    'functions/manage/operation-names.ts',
    'console/hosting',
    'cdk',
  ],
  // Of the management functions only what they are called and answer: the command line reaches them through Lambda.
  cli: ['functions/domain', 'functions/store/table.ts', 'functions/manage', 'console/hosting', 'cli', 'package.json'],
  // What whoever serves the console and the console itself agree on.
  'console/hosting': ['functions/domain', 'console/hosting'],
  // It speaks HTTP: of the functions it knows what they answer, and what is pure.
  console: ['functions/domain', 'functions/manage', 'console', 'console/hosting'],
  lib: [
    'functions/domain',
    'functions/store',
    'functions/limit',
    'functions/manage',
    'functions/authorize',
    'functions/compose',
    'functions/caller',
  ],
  'functions/caller': ['functions/domain', 'functions/caller'],
  local: ['functions/domain', 'functions/store', 'functions/manage', 'local'],
};

const files = globSync([
  'functions/**/*.ts',
  'cli/**/*.ts',
  'cdk/**/*.ts',
  'lib/**/*.ts',
  'local/**/*.ts',
  'console/**/*.{ts,tsx}',
]);

/** The module names that a file imports, as written. */
function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/(?:^|\n)(?:import|export)\s[^;]*?from '([^']+)'/g)].map(([, name]) =>
    String(name),
  );
}

/** The longest listed part that a file belongs to. */
function partOf(file: string): string {
  const parts = Object.keys(MAY_IMPORT).filter((part) => file.startsWith(`${part}/`));
  return parts.toSorted((one, other) => other.length - one.length)[0] ?? file;
}

describe.each(files)('%s', (file) => {
  const imports = importsOf(file);

  it('imports only what its part may', () => {
    const own = imports.filter((name) => name.startsWith('.')).map((name) => relative('.', join(dirname(file), name)));
    const allowed = MAY_IMPORT[partOf(file)] ?? [];
    for (const target of own) {
      expect(
        allowed.some((part) => target === part || partOf(target) === part),
        `${file} imports ${target}`,
      ).toBe(true);
    }
  });
});

describe.each(files.filter((file) => file.startsWith('functions/domain/')))('%s', (file) => {
  it('is pure: no AWS, no environment, no clock, no randomness of its own', () => {
    for (const name of importsOf(file)) expect(name).toMatch(/^(?:\.|node:(?:crypto|zlib|net)$)/);
    const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const impurities = ['process.', 'Date.now', 'new Date()', 'Math.random', 'fetch('];
    for (const impurity of impurities) expect(code).not.toContain(impurity);
    expect(code).not.toMatch(/import \{[^}]*\brandom\w*[^}]*\} from 'node:crypto'/);
  });
});

it("only one module knows the schema: nobody else writes an index's name or a composed key's", () => {
  const schema = readFileSync('functions/store/table.ts', 'utf8');
  const indexNames = [...schema.matchAll(/name: '(by\w+)'/g)].map(([, name]) => String(name));
  expect(indexNames).toHaveLength(4);
  for (const file of files.filter((name) => name !== 'functions/store/table.ts')) {
    for (const name of indexNames) expect(readFileSync(file, 'utf8'), file).not.toContain(`'${name}'`);
  }
});

describe('terminal output of the command line', () => {
  const cli = files.filter((file) => file.startsWith('cli/'));
  const using = (pattern: RegExp) => cli.filter((file) => pattern.test(readFileSync(file, 'utf8'))).toSorted();

  it('is written by one module, which makes every text safe', () => {
    expect(using(/\bstd(?:out|err)\.write|\bconsole\.(?:log|info|warn|error|debug)|process\.stdout,/)).toEqual([
      'cli/output/screen.ts',
    ]);
  });

  it('is verbatim only for a shell script of the program, an issued key and a table of safe cells', () => {
    expect(using(/\bverbatim\(/)).toEqual([
      'cli/commands/completion.ts',
      'cli/output/secret.ts',
      'cli/output/table.ts',
      'cli/output/terminal-text.ts',
    ]);
  });
});

it('an entry only wires', () => {
  for (const file of globSync('functions/*.ts'))
    expect(readFileSync(file, 'utf8').split('\n').length, file).toBeLessThan(25);
});
