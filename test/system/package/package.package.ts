import { cp, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consumer, nodeVersions, pack, PEERS, run } from './consumer.ts';

/** One export of each subpath, by its name. */
const EXPORTS = {
  latchkey: 'readCaller',
  'latchkey/limits': 'createLimiter',
  'latchkey/client': 'createKeyClient',
  'latchkey/authorizer': 'createAuthorizer',
  'latchkey/jwt': 'jwt',
  'latchkey/testing': 'testRequest',
  'latchkey/cdk': 'ApiKeys',
};
const SUBPATHS = Object.keys(EXPORTS);
const FOR_LAMBDA = SUBPATHS.filter((subpath) => !['latchkey/cdk', 'latchkey/testing'].includes(subpath));

const tarball = await pack();
const versions = await nodeVersions();
let consumer: Consumer;
beforeAll(async () => {
  consumer = await Consumer.create(tarball, PEERS);
});
afterAll(async () => {
  await consumer.remove();
  await rm(dirname(tarball), { recursive: true });
});

const exported = (subpaths: readonly string[]) =>
  Object.fromEntries(subpaths.map((subpath) => [subpath, 'function'] as const));

it('exports every subpath in both formats', async () => {
  const { exports } = JSON.parse(await readFile('package.json', 'utf8')) as { exports: object };
  const names = Object.keys(exports).filter((name) => !name.endsWith('.json'));
  expect(names.map((name) => name.replace(/^\./, 'latchkey')).sort()).toEqual(SUBPATHS.toSorted());
});

describe.each(versions)('with Node.js %s', (_version, node) => {
  it('a CommonJS app can require every subpath', async () => {
    const list = SUBPATHS.map(
      (name) => `'${name}': typeof require('${name}').${EXPORTS[name as keyof typeof EXPORTS]}`,
    );
    await consumer.write('require.cjs', `console.log(JSON.stringify({ ${list.join(', ')} }));`);
    expect(JSON.parse(await consumer.node(node, 'require.cjs'))).toEqual(exported(SUBPATHS));
  });

  it('an app of ES modules can import every subpath', async () => {
    const list = SUBPATHS.map(
      (name) => `'${name}': typeof (await import('${name}')).${EXPORTS[name as keyof typeof EXPORTS]}`,
    );
    await consumer.write('import.mjs', `console.log(JSON.stringify({ ${list.join(', ')} }));`);
    expect(JSON.parse(await consumer.node(node, 'import.mjs'))).toEqual(exported(SUBPATHS));
  });

  it('an app that loads both formats gets the same constructs', async () => {
    await consumer.write(
      'both.mjs',
      `import { createRequire } from 'node:module';
      import { ApiKeys } from 'latchkey/cdk';
      console.log(createRequire(import.meta.url)('latchkey/cdk').ApiKeys === ApiKeys);`,
    );
    expect(await consumer.node(node, 'both.mjs')).toBe('true');
  });

  it('a CommonJS app synthesizes a stack with every construct', async () => {
    await cp(resolve('test/system/package/synthesize.cjs'), join(consumer.folder, 'synthesize.cjs'));
    const { functions, authorizers } = JSON.parse(await consumer.node(node, 'synthesize.cjs')) as Record<
      string,
      number
    >;
    expect(functions).toBeGreaterThan(15);
    expect(authorizers).toBe(2);
  });
});

describe.each(['esm', 'cjs'] as const)('bundled by esbuild as %s', (format) => {
  it('the subpaths for Lambda functions run', async () => {
    const list = FOR_LAMBDA.map((name, at) => [
      `import * as m${String(at)} from '${name}';`,
      `'${name}': m${String(at)}`,
    ]);
    const names = JSON.stringify(EXPORTS);
    await consumer.write(
      'handler.mjs',
      `${list.map(([statement]) => statement).join('\n')}
      const loaded = { ${list.map(([, entry]) => entry).join(', ')} };
      const types = Object.entries(loaded).map(([name, module]) => [name, typeof module[${names}[name]]]);
      console.log(JSON.stringify(Object.fromEntries(types)));`,
    );
    const outfile = join(consumer.folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
    // Like NodejsFunction of the CDK, which leaves the AWS SDK to Lambda's runtime.
    const entryPoints = [join(consumer.folder, 'handler.mjs')];
    await build({
      entryPoints,
      outfile,
      bundle: true,
      platform: 'node',
      format,
      external: ['@aws-sdk/*'],
      logLevel: 'error',
    });
    expect(JSON.parse(await consumer.node(process.execPath, outfile))).toEqual(exported(FOR_LAMBDA));
  });
});

describe('types', () => {
  const app = `${SUBPATHS.map((name, at) => `import * as m${String(at)} from '${name}';`).join('\n')}
${SUBPATHS.map((name, at) => `export const e${String(at)} = m${String(at)}.${EXPORTS[name as keyof typeof EXPORTS]};`).join('\n')}
import type { KeyView } from 'latchkey';
// Errors if these types are \`any\`, which happens if an import in the types is not found.
export const view: 0 extends 1 & KeyView ? never : true = true;
export const prefix: 0 extends 1 & KeyView['prefix'] ? never : true = true;
`;

  it.each([
    ['commonjs', 'node10', ['app.ts']],
    ['nodenext', 'nodenext', ['app.cts', 'app.mts']],
    ['esnext', 'bundler', ['app.ts']],
  ])('types compile without skipLibCheck with module %s and moduleResolution %s', async (module, resolution, files) => {
    for (const file of files) await consumer.write(file, app);
    const tsc = [resolve('node_modules/typescript/bin/tsc'), '--module', module, '--moduleResolution', resolution];
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false'];
    const { stdout } = await run(process.execPath, [...tsc, ...options, ...files], { cwd: consumer.folder }).catch(
      (error: unknown) => error as { stdout: string },
    );
    // Errors in the declarations of other packages are ignored.
    expect(stdout.split('\n').filter((line) => /^(?:app|node_modules\/latchkey)/.test(line))).toEqual([]);
  });
});

describe.each(['lowest', 'newest'])('with the %s aws-cdk-lib that the package accepts', (which) => {
  let app: Consumer;
  beforeAll(async () => {
    const { peerDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
      peerDependencies: Record<'aws-cdk-lib', string>;
    };
    const range = peerDependencies['aws-cdk-lib'];
    app = await Consumer.create(tarball, []);
    const version = which === 'lowest' ? range.replace('^', '') : range;
    await app.write('package.json', JSON.stringify({ private: true }));
    const quickly = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['install', ...quickly, tarball, `aws-cdk-lib@${version}`, 'constructs@^10'], { cwd: app.folder });
  });
  afterAll(() => app.remove());

  it('an app synthesizes a stack with every construct', async () => {
    await cp(resolve('test/system/package/synthesize.cjs'), join(app.folder, 'synthesize.cjs'));
    expect(JSON.parse(await app.node(process.execPath, 'synthesize.cjs'))).toEqual({
      functions: 23,
      authorizers: 2,
    });
  });
});

describe('without its peer dependencies', () => {
  let bare: Consumer;
  beforeAll(async () => {
    bare = await Consumer.create(tarball, []);
  });
  afterAll(() => bare.remove());

  const missing = {
    'latchkey/cdk': 'aws-cdk-lib constructs',
    'latchkey/limits': '@aws-sdk/client-dynamodb @aws-sdk/lib-dynamodb',
    'latchkey/jwt': 'aws-jwt-verify',
  };

  it.each(Object.entries(missing))('%s says what to install', async (subpath, packages) => {
    const sentence = `${subpath} requires packages that are not installed: ${packages.replace(' ', ', ')}. Run "npm install ${packages}".`;
    await bare.write('missing.mjs', `await import('${subpath}').catch(({ message }) => console.log(message));`);
    await bare.write('missing.cjs', `try { require('${subpath}') } catch ({ message }) { console.log(message); }`);
    expect(await bare.node(process.execPath, 'missing.mjs')).toBe(sentence);
    expect(await bare.node(process.execPath, 'missing.cjs')).toBe(sentence);
  });

  const connections = {
    "{ tableName: 'keys' }": '@aws-sdk/client-dynamodb @aws-sdk/lib-dynamodb',
    "{ functionNames: { get: 'get-key' } }": '@aws-sdk/client-lambda',
    "{ stackName: 'Latchkey' }": '@aws-sdk/client-cloudformation @aws-sdk/client-lambda',
  };

  it.each(Object.entries(connections))('a key client of %s says what to install', async (options, packages) => {
    const sentence = `latchkey/client requires ${packages.replace(' ', ' and ')} for this connection. Run "npm install ${packages}".`;
    const call = `createKeyClient(${options}).get('0123456789ab').catch(({ message }) => console.log(message))`;
    await bare.write('client.mjs', `import { createKeyClient } from 'latchkey/client';\n${call};`);
    await bare.write('client.cjs', `const { createKeyClient } = require('latchkey/client');\n${call};`);
    expect(await bare.node(process.execPath, 'client.mjs')).toBe(sentence);
    expect(await bare.node(process.execPath, 'client.cjs')).toBe(sentence);
  });

  it('the other subpaths load', async () => {
    const others = SUBPATHS.filter((subpath) => !(subpath in missing));
    await bare.write('others.cjs', others.map((name) => `require('${name}');`).join('\n'));
    await bare.write('others.mjs', others.map((name) => `import '${name}';`).join('\n'));
    expect(await bare.node(process.execPath, 'others.cjs')).toBe('');
    expect(await bare.node(process.execPath, 'others.mjs')).toBe('');
  });
});
