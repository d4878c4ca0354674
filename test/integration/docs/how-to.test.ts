import { execFile, execFileSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import { contextOf } from '../../../src/gateway/context.ts';
import { RESERVED_FIELDS } from '../../../src/gateway/context-fields.ts';
import { resourcesOf, someFunction, testApp } from '../../support/cdk/synth.ts';
import { runningLocal } from '../../support/local/running.ts';
import { aRecord } from '../../support/storage/records.ts';
import { recipesOf, writeFragments, type Recipes } from './recipes.ts';

// The first synthesis loads aws-cdk-lib, which takes long on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

const run = promisify(execFile);

/** Every page in docs/how-to, by its name. */
let recipes: ReadonlyMap<string, Recipes>;
beforeAll(() => {
  rmSync('dist/recipes/how-to', { recursive: true, force: true });
  // It shows parts of the apps in examples/, which `npm run test:jsii` runs.
  const pages = globSync('docs/how-to/*.md', { exclude: ['docs/how-to/other-languages.md'] });
  recipes = new Map(pages.map((page) => [basename(page, '.md'), recipesOf(page, 'how-to')]));
});

const fileOf = (page: string, section: string, name: string) => {
  const found = recipes.get(page);
  if (found === undefined) throw new Error(`docs/how-to/${page}.md does not exist`);
  return found.file(section, name);
};
const load = async <Exports>(page: string, section: string, name: string) =>
  (await import(fileOf(page, section, name))) as Exports;

it('compiles the TypeScript of every how-to page, and that of the other pages', async () => {
  // `custom-authorizer-recipes.test.ts` compiles this page.
  const others = globSync('docs/*.md', { exclude: ['docs/custom-authorizer.md'] });
  expect(others.reduce((count, page) => count + writeFragments(page, 'how-to'), 0)).toBeGreaterThan(15);
  const project = 'dist/recipes/how-to/tsconfig.json';
  // One compilation of all pages: the types of aws-cdk-lib take most of its time.
  writeFileSync(project, JSON.stringify({ extends: '../../../tsconfig.json', include: ['**/*'] }));
  await run('node_modules/.bin/tsc', ['--project', project]).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout);
  });
});

type Build = (stack: Stack, handler: IFunction, more?: unknown) => unknown;

/** Synthesizes the stack of a page. */
async function synthesized(page: string, section = '', name = 'stack.ts', more?: (stack: Stack) => unknown) {
  const [build] = Object.values(await load<Record<string, Build>>(page, section, name));
  const stack = new Stack(testApp(), 'Consumer', { env: { account: '111122223333', region: 'eu-west-1' } });
  build?.(stack, someFunction(stack), more?.(stack));
  return Template.fromStack(stack);
}

const typesOf = (template: Template) => Object.values(resourcesOf(template)).map(({ Type }) => Type);

describe('docs/how-to/existing-rest-api.md', () => {
  it('deploys the imported API again when the release changes', async () => {
    const deploymentIn = async (release: string) => {
      const template = await synthesized('existing-rest-api', 'Add protected methods', 'stack.ts', () => release);
      const [entry] = Object.entries(template.findResources('AWS::ApiGateway::Deployment'));
      const [method] = Object.keys(template.findResources('AWS::ApiGateway::Method'));
      expect((entry?.[1] as { DependsOn: string[] }).DependsOn).toContain(method);
      return entry?.[0];
    };
    expect(await deploymentIn('a')).not.toBe(await deploymentIn('b'));
    expect(await deploymentIn('a')).toBe(await deploymentIn('a'));
  });

  it('flushes the stage of the imported API', async () => {
    const template = await synthesized('existing-rest-api', 'Add protected methods', 'stack.ts', () => 'a');
    expect(JSON.stringify(template.toJSON())).toContain('rest/a1b2c3d4e5/prod');
  });
});

describe('docs/how-to/http-api-scopes.md', () => {
  it('protects every route', async () => {
    const routes = Object.values((await synthesized('http-api-scopes')).findResources('AWS::ApiGatewayV2::Route'));
    const properties = routes.map(({ Properties }) => Properties as Record<string, unknown>);
    expect(properties.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      'DELETE /orders/{id}',
      'GET /orders',
      'GET /orders/{id}',
      'POST /orders',
    ]);
    for (const { AuthorizationType } of properties) expect(AuthorizationType).toBe('CUSTOM');
  });
});

describe('docs/how-to/browsers.md', () => {
  it('leaves preflight requests of a REST API without the authorizer and adds CORS headers to its errors', async () => {
    const template = await synthesized('browsers', 'REST API', 'rest.ts');
    for (const { Properties } of Object.values(template.findResources('AWS::ApiGateway::Method'))) {
      const { HttpMethod, AuthorizationType } = Properties as Record<string, unknown>;
      expect(AuthorizationType).toBe(HttpMethod === 'OPTIONS' ? 'NONE' : 'CUSTOM');
    }
    const responses = Object.values(template.findResources('AWS::ApiGateway::GatewayResponse'));
    expect(responses).toHaveLength(2);
    for (const { Properties } of responses)
      expect(JSON.stringify(Properties)).toContain('gatewayresponse.header.Access-Control-Allow-Origin');
  });

  it('leaves preflight requests of an HTTP API without the authorizer', async () => {
    const template = await synthesized('browsers', 'HTTP API', 'http.ts');
    for (const { Properties } of Object.values(template.findResources('AWS::ApiGatewayV2::Route'))) {
      const { RouteKey, AuthorizationType } = Properties as Record<string, unknown>;
      expect(AuthorizationType).toBe(String(RouteKey).startsWith('OPTIONS ') ? 'NONE' : 'CUSTOM');
    }
  });
});

describe('docs/how-to/custom-domain.md', () => {
  it('creates the domain and turns the default endpoint off', async () => {
    const template = await synthesized('custom-domain', 'Custom domain', 'domain.ts', (stack) =>
      Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-west-1:111122223333:certificate/a'),
    );
    expect(typesOf(template)).toContain('AWS::ApiGateway::DomainName');
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
  });

  it('passes the headers of viewers through CloudFront and caches nothing', async () => {
    const distribution = JSON.stringify(
      (await synthesized('custom-domain', 'CloudFront', 'cloudfront.ts')).findResources(
        'AWS::CloudFront::Distribution',
      ),
    );
    // The managed policies CachingDisabled and AllViewerExceptHostHeader.
    expect(distribution).toContain('"CachePolicyId":"4135ea2d-6df8-44a3-9df3-4b5a84be39ad"');
    expect(distribution).toContain('"OriginRequestPolicyId":"b689b0a8-53d0-40ab-baf2-68738e2966ac"');
  });
});

it('synthesizes the stacks of the remaining how-to pages', async () => {
  expect(typesOf(await synthesized('limit-by-plan', '1. Define the plans'))).toContain('AWS::ApiGateway::Authorizer');
  expect(typesOf(await synthesized('rotate', 'On a schedule'))).toContain('AWS::Events::Rule');
  expect(typesOf(await synthesized('monitoring'))).toContain('AWS::CloudWatch::Dashboard');
  for (const page of ['api-gateway', 'better-auth', 'unkey'])
    expect(JSON.stringify((await synthesized(`migrate-from-${page}`)).toJSON())).toContain(`"${page}`);
});

describe('docs/how-to/rotate.md', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('rotates the key of an event once, and hands over the new key', async () => {
    const local = await runningLocal();
    try {
      vi.stubEnv('AWS_REGION', REGION);
      vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId);
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
      vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', local.adminUrl);
      vi.stubEnv('ROTATE_FUNCTION', 'rotate-key');
      const { prefix } = await local.key();
      type Store = (owner: string | undefined, key: string) => Promise<void>;
      const { rotation } = await load<{ rotation: (store: Store) => (event: object) => Promise<void> }>(
        'rotate',
        'On a schedule',
        'rotate.ts',
      );
      const stored: (string | undefined)[][] = [];
      const rotate = rotation((...pair) => {
        stored.push(pair);
        return Promise.resolve();
      });
      const event = (eventId: string) => ({
        detail: { metadata: { eventId }, data: { key: { keyId: prefix, ownerId: 'acme' } } },
      });
      await rotate(event(`${prefix}/expiring/2027-03-08T09:00:00.000Z/7d`));
      await rotate(event(`${prefix}/expiring/2027-03-08T09:00:00.000Z/7d`));
      await rotate(event(`${prefix}/expiring/2027-03-08T09:00:00.000Z/1d`));
      expect(stored).toEqual([['acme', expect.stringMatching(/^lk_/)]]);
      const status = async (key: string) => {
        const response = await fetch(`${local.apiUrl}/orders`, { headers: { 'x-api-key': key } });
        await response.body?.cancel();
        return response.status;
      };
      expect(await status(stored[0]?.[1] ?? '')).toBe(200);
      expect(await local.call('get-key', { prefix })).toMatchObject({
        status: 'active',
        replacedBy: expect.any(String) as string,
      });
    } finally {
      await local.stop();
    }
  });
});

describe('docs/how-to/read-the-caller.md', () => {
  const PAGE = 'read-the-caller';

  it('lists every field that the authorizer sets', () => {
    const table = readFileSync(`docs/how-to/${PAGE}.md`, 'utf8').split('## Context fields')[1] ?? '';
    const listed = [...table.matchAll(/^\| `(\w+)` +\| (?:string|number) /gm)].map(([, field]) => field);
    // API Gateway adds these fields.
    const foreign = ['principalId', 'integrationLatency', 'lambda'];
    expect(listed.sort()).toEqual(RESERVED_FIELDS.filter((field) => !foreign.includes(field)).sort());
  });

  const context = contextOf(aRecord({ ownerId: 'acme', scopes: ['GET /orders/*', 'orders:read'] }), []);
  const events = [
    ['a REST API', { requestContext: { authorizer: { ...context, principalId: 'a' } } }],
    ['an HTTP API', { version: '2.0', requestContext: { authorizer: { lambda: context } } }],
  ] as const;
  const unprotected = { requestContext: {} };
  const body = JSON.stringify({ owner: 'acme', scopes: ['GET /orders/*', 'orders:read'] });

  it('reads the caller in Node.js', async () => {
    const { handler } = await load<{ handler: (event: object) => Promise<object> }>(PAGE, 'Node.js', 'orders.ts');
    for (const [, event] of events) expect(await handler(event)).toEqual({ statusCode: 200, body });
    expect(await handler(unprotected)).toMatchObject({ statusCode: 401 });
  });

  it('reads the caller in Python', async ({ skip }) => {
    await run('python3', ['--version']).catch(() => {
      skip('Python is not installed');
    });
    const folder = dirname(fileOf(PAGE, 'Python', 'orders.py'));
    const call = (event: object) =>
      JSON.parse(
        execFileSync(
          'python3',
          ['-c', 'import json, sys, orders; print(json.dumps(orders.handler(json.load(sys.stdin), None)))'],
          { cwd: folder, input: JSON.stringify(event), encoding: 'utf8' },
        ),
      ) as { statusCode: number; body: string };
    for (const [, event] of events) {
      const { statusCode, body: text } = call(event);
      expect({ statusCode, body: JSON.parse(text) as object }).toEqual({
        statusCode: 200,
        body: JSON.parse(body) as object,
      });
    }
    expect(call(unprotected)).toMatchObject({ statusCode: 401 });
  });

  it('reads the caller in Java', async ({ skip }) => {
    await run('javac', ['-version']).catch(() => {
      skip('The JDK is not installed');
    });
    const folder = dirname(fileOf(PAGE, 'Java', 'Orders.java'));
    writeFileSync(
      join(folder, 'Main.java'),
      `import java.util.*;
      class Main {
        public static void main(String[] none) {
          Map<String, Object> context = Map.of("keyId", "k", "name", "n", "ownerId", "acme", "scopes", "GET /orders/*,orders:read");
          List<Map<String, Object>> events = List.of(
            Map.of("requestContext", Map.of("authorizer", context)),
            Map.of("requestContext", Map.of("authorizer", Map.of("lambda", context))),
            Map.of("requestContext", Map.of()));
          for (Map<String, Object> event : events) {
            Map<String, Object> response = new Orders().handle(event);
            System.out.println(response.get("statusCode") + " " + response.get("body"));
          }
        }
      }`,
    );
    await run('javac', ['Orders.java', 'Main.java'], { cwd: folder });
    const { stdout } = await run('java', ['-cp', '.', 'Main'], { cwd: folder });
    const line = '200 acme [GET /orders/*, orders:read]';
    expect(stdout.trimEnd().split('\n')).toEqual([line, line, '401']);
  });

  it('reads the caller in Go', async ({ skip }) => {
    const folder = dirname(fileOf(PAGE, 'Go', 'caller.go'));
    await run('go', ['version']).catch(() => {
      skip('Go is not installed');
    });
    writeFileSync(join(folder, 'go.mod'), 'module orders\n\ngo 1.21\n');
    writeFileSync(
      join(folder, 'main.go'),
      `package main
      import ("bufio"; "fmt"; "os")
      func main() {
        lines := bufio.NewScanner(os.Stdin)
        for lines.Scan() {
          caller, err := CallerOf(lines.Bytes())
          if err != nil || caller == nil { fmt.Println(caller == nil, err); continue }
          fmt.Println(caller.OwnerID, len(caller.Scopes), caller.Scopes[1])
        }
      }`,
    );
    const input = [...events.map(([, event]) => event), unprotected].map((event) => JSON.stringify(event)).join('\n');
    const output = execFileSync('go', ['run', '.'], {
      cwd: folder,
      input: `${input}\n`,
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' },
    });
    expect(output.trimEnd().split('\n')).toEqual(['acme 2 orders:read', 'acme 2 orders:read', 'true <nil>']);
  });
});
