import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The layers, from the bottom up: core ← gateway, storage ← features ← functions, cdk, cli, local, console.
 * Each folder names what it may import besides itself. A folder that is not listed may import nothing of the project.
 */
const CORE = ['src/core'];
const FOUNDATION = [...CORE, 'src/gateway', 'src/storage'];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/core': [],
  'src/gateway': CORE,
  'src/storage': CORE,
  'src/logging': [],
  'src/storage/fast-reader': FOUNDATION,

  'src/backend': [...CORE, 'src/gateway'],
  'src/usage': FOUNDATION,
  'src/events': [...FOUNDATION, 'src/logging'],
  'src/usage-plans': [...FOUNDATION, 'src/events'],
  'src/rate-limit': [...FOUNDATION, 'src/backend'],
  'src/management': [...FOUNDATION, 'src/logging', 'src/usage'],
  'src/leaked-keys': FOUNDATION,
  'src/key-secrets': [...FOUNDATION, 'src/logging', 'src/management'],
  'src/authorizer': [...FOUNDATION, 'src/rate-limit'],
  'src/authorizer/custom': [...FOUNDATION, 'src/storage/fast-reader', 'src/authorizer'],
  'src/client': [...FOUNDATION, 'src/management', 'src/usage'],

  // The package's public entry points.
  src: [
    ...FOUNDATION,
    'src/authorizer',
    'src/authorizer/custom',
    'src/backend',
    'src/client',
    'src/management',
    'src/rate-limit',
  ],
  // The Lambda functions.
  functions: [
    ...FOUNDATION,
    'src/storage/fast-reader',
    'src/authorizer',
    'src/backend',
    'src/client',
    'src/events',
    'src/key-secrets',
    'src/leaked-keys',
    'src/logging',
    'src/management',
    'src/rate-limit',
    'src/usage',
    'src/usage-plans',
  ],
  // The constructs know rules and names, and nothing that runs in a function.
  cdk: [
    ...CORE,
    'src/gateway',
    'src/storage/table.ts',
    'src/rate-limit/limits-table.ts',
    'src/usage/usage-table.ts',
    'src/management/operations.ts',
    'src/management/http-alias.ts',
    'src/key-secrets/secret-value.ts',
    'src/key-secrets/settings.ts',
    'src/usage/report.ts',
    'console/hosting',
  ],
  // The CLI calls the management functions through Lambda, so it needs only their inputs and outputs.
  cli: [
    ...CORE,
    'src/storage/table.ts',
    'src/key-secrets/secret-value.ts',
    'src/management',
    'src/client',
    'console/hosting',
    'package.json',
  ],
  local: [...FOUNDATION, 'src/management', 'src/rate-limit', 'src/usage'],
  // The interface between the console and its server.
  'console/hosting': [...CORE, 'src/gateway'],
  // The console speaks HTTP: it needs the functions' outputs and the pure rules.
  console: [...CORE, 'src/management', 'console/hosting'],
};

const files = globSync('{src,functions,cli,cdk,local,console}/**/*.{ts,tsx}');

/** The module names that a file imports, as written. */
function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/(?:^|\n)(?:import|export)\s[^;]*?from '([^']+)'/g)].map(([, name]) =>
    String(name),
  );
}

/** The files of the project that a file imports. */
function projectImportsOf(file: string): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative('.', join(dirname(file), name)));
}

/** The longest listed folder that a file is in. */
function partOf(file: string): string {
  const parts = Object.keys(MAY_IMPORT).filter((part) => file.startsWith(`${part}/`));
  return parts.toSorted((one, other) => other.length - one.length)[0] ?? file;
}

describe('the directions of imports', () => {
  it.each(files)('imports only what the folder %s may import', (file) => {
    const allowed = [...(MAY_IMPORT[partOf(file)] ?? []), partOf(file)];
    for (const target of projectImportsOf(file))
      expect(allowed, `${file} imports ${target}`).toSatisfy((parts: string[]) =>
        parts.some((part) => target === part || partOf(target) === part),
      );
  });

  it('allows no import cycles between folders', () => {
    const edges = new Map<string, Set<string>>();
    for (const file of files)
      for (const target of projectImportsOf(file))
        if (partOf(target) !== partOf(file))
          edges.set(partOf(file), (edges.get(partOf(file)) ?? new Set()).add(partOf(target)));
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      [...(edges.get(from) ?? [])].some((next) => {
        if (next === to) return true;
        if (seen.has(next)) return false;
        seen.add(next);
        return reaches(next, to, seen);
      });
    expect([...edges.keys()].filter((part) => reaches(part, part))).toEqual([]);
  });
});

describe('the core', () => {
  it.each(files.filter((file) => file.startsWith('src/core/')))(
    'keeps %s pure: no AWS, environment, clock or randomness',
    (file) => {
      for (const name of importsOf(file)) expect(name).toMatch(/^(?:\.|node:(?:crypto|zlib|net)$)/);
      const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      expect(code).not.toMatch(/\bprocess\.|\bDate\.now|\bnew Date\(\)|\bMath\.random|\bfetch\(/);
      expect(code).not.toMatch(/import \{[^}]*\brandom\w*[^}]*\} from 'node:crypto'/);
    },
  );
});

describe('terminal output of the command line', () => {
  const cliFiles = files.filter((file) => file.startsWith('cli/'));
  const using = (pattern: RegExp) => cliFiles.filter((file) => pattern.test(readFileSync(file, 'utf8'))).toSorted();

  it('writes terminal output in one module, which escapes every text', () => {
    expect(using(/\bstd(?:out|err)\.write|\bconsole\.(?:log|info|warn|error|debug)|process\.stdout,/)).toEqual([
      'cli/output/screen.ts',
    ]);
  });

  it('writes raw terminal output only for a shell script of the CLI, an issued key, and a table of escaped cells', () => {
    expect(using(/\bverbatim\(/)).toEqual([
      'cli/commands/completion.ts',
      'cli/output/secret.ts',
      'cli/output/table.ts',
      'cli/output/terminal-text.ts',
    ]);
  });
});

it('keeps index names in the one module that defines the schema', () => {
  const schema = readFileSync('src/storage/table.ts', 'utf8');
  const indexNames = [...schema.matchAll(/name: '(by\w+)'/g)].map(([, name]) => String(name));
  expect(indexNames).toHaveLength(4);
  for (const file of files.filter((name) => name !== 'src/storage/table.ts'))
    for (const name of indexNames) expect(readFileSync(file, 'utf8'), file).not.toContain(`'${name}'`);
});

it('keeps Lambda entry files to wiring', () => {
  for (const file of globSync('functions/*.ts'))
    expect(readFileSync(file, 'utf8').split('\n').length, file).toBeLessThan(25);
});
