import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** The code of a page, as files: a folder for each section, with its blocks under their names. */
export interface Recipes {
  /**
   * Returns the file of a block.
   *
   * @param section the title of its section, or `''` for a block before the first section
   * @param name the name in its first line
   */
  readonly file: (section: string, name: string) => string;
}

/** The package's entry points, and their source files. */
const PACKAGE: Readonly<Record<string, string>> = {
  latchkey: 'src/index.ts',
  'latchkey/client': 'src/client.ts',
  'latchkey/limits': 'src/limits.ts',
  'latchkey/cdk': 'cdk/index.ts',
};

/** The languages of the tested blocks, and the start of their comments. */
const COMMENT: Readonly<Record<string, string>> = { ts: '//', python: '#', java: '//', go: '//' };

/**
 * Writes the code of a page to files. Each block starts with a comment that names its file, such as `// stack.ts`, and can
 * import the other blocks of its section.
 *
 * @param page the path of the page
 * @param test the name of the folder in `dist/recipes`, so that two test files can use the same page
 */
export function recipesOf(page: string, test: string): Recipes {
  const folder = resolve('dist/recipes', test, page.replace(/\W/g, '-'));
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
      code.replaceAll(/from '(latchkey(?:\/\w+)?)'/g, (_, name: string) => `from '${sourceOf(name, file)}'`),
    );
  }
  return {
    file: (section, name) => {
      const file = fileOf(section, name);
      if (!files.has(file)) throw new Error(`${page} has no block ${name} in "${section}"`);
      return file;
    },
  };
}

/**
 * Writes each TypeScript block of a page to a file that compiles: as the body of a function in a stack, with the imports and
 * the variables that the page leaves out.
 *
 * @param test as in {@link recipesOf}
 * @returns the number of blocks
 */
export function writeFragments(page: string, test: string): number {
  const folder = resolve('dist/recipes', test, `fragments-${page.replace(/\W/g, '-')}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^( *)```ts\n([\s\S]*?)^\1```$/gm)];
  for (const [index, [, indent = '', indented = '']] of blocks.entries()) {
    const file = join(folder, `${String(index)}.ts`);
    const code = indented.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    const imports = code.split('\n').filter((line) => line.startsWith('import '));
    const body = code.replaceAll(/^import .*\n/gm, '').replaceAll(/^export /gm, '');
    const imported = new Set(imports.join(' ').match(/\w+/g));
    const left = Object.entries(LEFT_OUT).map(([from, names]) => {
      const missing = names.filter((name) => !imported.has(name.replace('type ', '')));
      return missing.length === 0 ? '' : `import { ${missing.join(', ')} } from '${from}';\n`;
    });
    const text = `${imports.join('\n')}\n${left.join('')}${DECLARED}\nexport async function fragment(this: Stack) {\n${body}}\n`;
    writeFileSync(
      file,
      text
        .replaceAll(/from '(latchkey(?:\/\w+)?)'/g, (_, name: string) => `from '${sourceOf(name, file)}'`)
        .replaceAll("from './key-client.ts'", `from '${relative(folder, resolve('examples/key-client.ts'))}'`),
    );
  }
  return blocks.length;
}

/** The imports that fragments leave out, by module. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'aws-cdk-lib': ['App', 'Duration', 'Stack', 'type StackProps'],
  'aws-cdk-lib/aws-apigateway': ['ApiKeySourceType', 'LambdaIntegration', 'LambdaRestApi', 'type RestApi'],
  'aws-cdk-lib/aws-apigatewayv2': ['type HttpApi', 'HttpStage', 'WebSocketApi', 'WebSocketStage'],
  'aws-cdk-lib/aws-apigatewayv2-integrations': ['WebSocketLambdaIntegration'],
  'aws-cdk-lib/aws-cloudwatch-actions': ['SnsAction'],
  'aws-cdk-lib/aws-events': ['type EventPattern'],
  'aws-cdk-lib/aws-iam': ['AccountPrincipal', 'ServicePrincipal'],
  'aws-cdk-lib/aws-kms': ['Key'],
  'aws-cdk-lib/aws-lambda': ['type Function as LambdaFunction'],
  'aws-cdk-lib/aws-sns': ['type ITopic'],
  constructs: ['type Construct'],
  'aws-lambda': ['type APIGatewayProxyEvent', 'type APIGatewayProxyResult'],
  '@middy/core': ['default as middy'],
  '@aws-sdk/client-secrets-manager': ['SecretsManagerClient'],
  './key-client.ts': ['fetchWithKey'],
  latchkey: ['type CallerKey'],
  'latchkey/cdk': [
    'AdminApi',
    'AdminConsole',
    'ApiKeys',
    'type IApiKeys',
    'KeyEvents',
    'KeySecret',
    'KeysTable',
    'Monitoring',
    'RateLimits',
    'Usage',
    'UsagePlans',
  ],
};

/** The variables that fragments leave out. A fragment can define one of them itself. */
const DECLARED = `
declare const keys: ApiKeys, limits: RateLimits, usage: Usage, events: KeyEvents;
declare const handler: LambdaFunction, orders: LambdaFunction, checkoutFunction: LambdaFunction;
declare const api: RestApi, httpApi: HttpApi, topic: ITopic, ireland: Stack, virginia: Stack, key: CallerKey;
declare class KeysStack extends Stack {
  readonly keys: ApiKeys;
}
declare class InvoicesStack extends Stack {
  constructor(scope: Construct, id: string, props: { keys: IApiKeys });
}`;

interface Block {
  readonly section: string;
  readonly name: string;
  readonly code: string;
}

function blocksOf(markdown: string): Block[] {
  return markdown.split(/^## /m).flatMap((text, index) => {
    const section = index === 0 ? '' : (text.split('\n', 1)[0] ?? '');
    return [...text.matchAll(/^( *)```(ts|python|java|go)\n([\s\S]*?)^\1```$/gm)].map(
      ([, indent = '', language = '', indented = '']) => {
        const code = indented.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
        const name = new RegExp(`^${COMMENT[language] ?? ''} ([\\w/-]+\\.\\w+)\\n`).exec(code)?.[1];
        if (name === undefined) throw new Error(`a block in "${section}" does not begin with the name of its file`);
        return { section, name, code };
      },
    );
  });
}

function sourceOf(name: string, from: string): string {
  const source = PACKAGE[name];
  if (source === undefined) throw new Error(`the package has no ${name}`);
  return relative(dirname(from), resolve(source));
}
