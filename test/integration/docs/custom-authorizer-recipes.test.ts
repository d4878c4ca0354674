import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAuthorizer, type CustomAuthorizer } from '../../../src/authorizer/custom/custom-authorizer.ts';
import { startIssuer } from '../../support/authorizer/custom/issuer.ts';
import { setting, ask, withKey } from '../authorizer/custom/setting.ts';
import { restEvent } from '../../support/authorizer/events.ts';

/** In the project, so that the imports of the blocks resolve. */
const FOLDER = resolve(`dist/recipes-${String(process.pid)}`);

/** Returns the code blocks of the page, by the file name in their first line. */
function blocks(): ReadonlyMap<string, string> {
  const found = readFileSync('docs/custom-authorizer.md', 'utf8').matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g);
  return new Map([...found].map(([, name = '', code = '']) => [name, code]));
}

/** Replaces imports of the package with imports of its source. */
const fromSource = (code: string) =>
  code
    .replaceAll(/'latchkey'/g, `'${resolve('src/index.ts')}'`)
    .replaceAll(/'latchkey\/cdk'/g, `'${resolve('cdk/index.ts')}'`)
    .replaceAll(/'latchkey\/(\w+)'/g, (_all, name: string) => `'${resolve(`src/${name}.ts`)}'`);

const FILES = [
  'src/authorizer.ts',
  'cdk/own-permission.ts',
  'src/tenant-authorizer.ts',
  'cdk/own-parser.ts',
  'test/parser.ts',
  'cdk/restrictions.ts',
  'src/either-authorizer.ts',
  'cdk/either.ts',
  'src/partner-authorizer.ts',
  'src/orders.ts',
  'src/orders-plain.ts',
];

beforeAll(() => {
  for (const name of FILES) {
    const file = join(FOLDER, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, fromSource(blocks().get(name) ?? `throw new Error('the page has no block ${name}');`));
  }
});
afterAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

const load = (name: string) => import(join(FOLDER, name)) as Promise<Record<string, unknown>>;

it('compiles the code of the page', () => {
  const { config } = ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, '.');
  const program = ts.createProgram(
    FILES.map((name) => join(FOLDER, name)),
    // An option that consumers don't set, and that absolute paths don't support.
    { ...options, rewriteRelativeImportExtensions: false },
  );
  const faults = ts.getPreEmitDiagnostics(program).map(({ messageText, file }) => {
    return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(faults).toEqual([]);
}, 180_000);

describe('the code of the page', () => {
  const { authorizerOptions, issued } = setting();
  /** Loads the handler of a recipe with the settings of the test's deployment in the environment, as in Lambda. */
  const entry = async (name: string) => {
    for (const [variable, value] of Object.entries(authorizerOptions().environment ?? {})) vi.stubEnv(variable, value);
    // Another test has loaded it without a deployment.
    vi.resetModules();
    const { handler } = await load(name);
    return handler as CustomAuthorizer<object>;
  };

  it('synthesizes its stacks', async () => {
    for (const name of FILES.filter((one) => one.startsWith('cdk/'))) {
      // The entries of their functions are in this folder.
      const before = process.cwd();
      process.chdir(FOLDER);
      try {
        await load(name);
      } finally {
        process.chdir(before);
      }
    }
  }, 180_000);

  it('the code of the page has a parser that reads only what it declares', () => load('test/parser.ts'));

  it('the code of the page has authorizers that return 401 without a key', async () => {
    for (const name of FILES.filter((one) => one.endsWith('authorizer.ts'))) {
      vi.stubEnv('AWS_REGION', 'us-east-1');
      expect((await ask(await entry(name), restEvent({}))).status, name).toBe(401);
    }
    vi.unstubAllEnvs();
  });

  it('the code of the page has a permission check that denies and narrows', async () => {
    const text = blocks().get('src/authorizer.ts') ?? '';
    // The options of the recipe, to create an authorizer on the test's table.
    const file = join(FOLDER, 'src/options.ts');
    writeFileSync(
      file,
      fromSource(text.replace('handler = createAuthorizer(', 'options = (').replace('createAuthorizer, ', '')),
    );
    const { options } = (await load('src/options.ts')) as { options: Parameters<typeof createAuthorizer>[0] };
    const authorize = createAuthorizer(options, authorizerOptions());
    const get = async (metadata: Record<string, boolean | string>, call: string) =>
      ask(authorize, restEvent({ call, ...withKey(await issued({ metadata })) }));
    expect(await get({ tenant: 'acme' }, 'POST /orders')).toMatchObject({ status: 200, context: { tenant: 'acme' } });
    expect((await get({ trial: true }, 'POST /orders')).status).toBe(403);
    expect((await get({ trial: true }, 'GET /orders')).status).toBe(200);
    expect((await get({ locked: true }, 'GET /orders')).status).toBe(403);
  });

  it('allows a token by its named scopes, and ignores other scopes of its issuer', async () => {
    const issuer = await startIssuer();
    try {
      // The recipe, with the public keys of the test's issuer.
      const text = blocks().get('src/either-authorizer.ts') ?? '';
      writeFileSync(
        join(FOLDER, 'src/either.ts'),
        fromSource(text.replace('const verifier =', 'export const verifier =')),
      );
      vi.stubEnv('AWS_REGION', 'us-east-1');
      const authorize = await entry('src/either.ts');
      const { verifier } = (await load('src/either.ts')) as { verifier: { cacheJwks(jwks: object): void } };
      verifier.cacheJwks(issuer.jwks());
      const user = (scope: string) => {
        const iss = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE';
        const token = issuer.token({ iss, token_use: 'access', client_id: 'web', scope });
        return ask(authorize, restEvent({ headers: { authorization: `Bearer ${token}` } }));
      };
      expect(await user('openid https://api.example.com/orders.read orders:read')).toMatchObject({
        status: 200,
        context: { authorizedBy: 'jwt', scopes: 'orders:read' },
      });
      expect((await user('openid https://api.example.com/orders.read')).status).toBe(403);
    } finally {
      issuer.stop();
      vi.unstubAllEnvs();
    }
  });

  it('the code of the page has APIs that require a named scope', async () => {
    const event = (scopes: string) => ({
      requestContext: { authorizer: { keyId: 'k', name: 'Checkout', scopes, tenant: 'acme' } },
      requestId: randomBytes(4).toString('hex'),
    });
    const { placeOrder } = (await load('src/orders.ts')) as {
      placeOrder: (event: object, context: Context) => Promise<object>;
    };
    const { handler } = (await load('src/orders-plain.ts')) as { handler: (event: object) => object };
    const context = { awsRequestId: 'r' } as Context;
    expect(await placeOrder(event('orders:write'), context)).toEqual({
      statusCode: 201,
      body: 'an order of acme, by Checkout',
    });
    expect(await placeOrder(event('orders:read'), context)).toMatchObject({ statusCode: 403 });
    expect(handler(event('orders:write'))).toMatchObject({ statusCode: 201, body: 'placed by Checkout' });
    expect(handler(event(''))).toMatchObject({ statusCode: 403 });
  });
});
