import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import WebSocket from 'ws';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import { KEY_OPERATIONS, requirementOf } from '../../../src/management/operations.ts';
import { send, type Endpoint } from '../acceptance/http.ts';
import { output, outputsOf } from '../acceptance/stack.ts';
import { cdk } from './cdk.ts';
import { cfnLint } from './cfn-lint.ts';
import { consumer, type Consumer } from './consumer.ts';
import { emulatedAccount } from './ministack.ts';

const run = promisify(execFile);
const account = emulatedAccount(inject('ministack'));
const lambda = new LambdaClient(account.aws);

let project: Consumer;
beforeAll(async () => {
  project = await consumer(inject('tarball'), ['esbuild', '@aws-sdk/client-sesv2', '@types/aws-lambda']);
});
afterAll(async () => {
  lambda.destroy();
  await project.remove();
});

/** Deploys an example. Returns its outputs, and a function that creates a key for it. */
async function deployed(example: string, stack: string) {
  const started = performance.now();
  const folder = join(project.folder, example);
  await cdk(account, ['deploy', '--require-approval', 'never'], folder);
  console.log(`cdk deploy ${stack}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  await cfnLint([join(folder, 'cdk.out', `${stack}.template.json`)]);
  const outputs = await outputsOf(stack, account.aws);
  const issue = async (input: object): Promise<IssuedKey> => {
    const { Payload } = await lambda.send(
      new InvokeCommand({
        FunctionName: output(outputs, 'CreateFunctionName'),
        Payload: JSON.stringify({ name: 'Example', ...input }),
      }),
    );
    return JSON.parse(Buffer.from(Payload ?? []).toString()) as IssuedKey;
  };
  return { outputs, issue };
}

/** Deploys an example with an API. */
async function deployedApi(example: string, stack: string) {
  const { outputs, issue } = await deployed(example, stack);
  const newKey = async (scopes: readonly string[] = []) => (await issue({ scopes })).key ?? '';
  return { endpoint: account.endpointOf(output(outputs, 'ApiUrl')), newKey };
}

const call = (endpoint: Endpoint, route: string, key?: string) => {
  const [method = '', path = ''] = route.split(' ');
  return send(endpoint, { method, path, headers: key === undefined ? {} : { 'x-api-key': key } });
};

/**
 * The status for a malformed key. For REST and WebSocket APIs the authorizer throws "Unauthorized": AWS then
 * returns 401, and MiniStack 500 for WebSocket APIs. On HTTP APIs the authorizer denies the request.
 */
const MALFORMED = { rest: 401, http: 403, websocket: 500 };

describe.each([
  ['rest', 'LatchkeyRestExample'],
  ['http', 'LatchkeyHttpExample'],
] as const)('examples/%s', (example, stack) => {
  it('allows a key on the routes of its scopes and rejects every other request', async () => {
    const { endpoint, newKey } = await deployedApi(example, stack);
    const scoped = await newKey(['GET /orders/*', 'POST /orders']);
    expect((await call(endpoint, 'GET /orders/1')).status).toBe(401);
    expect((await call(endpoint, 'GET /orders/1', 'acme_live_nonsense')).status).toBe(MALFORMED[example]);
    // One cached policy decides all of these.
    expect(await call(endpoint, 'GET /orders/1', scoped)).toMatchObject({ status: 200, body: { caller: 'Example' } });
    expect((await call(endpoint, 'DELETE /orders/1', scoped)).status).toBe(403);
    expect((await call(endpoint, 'POST /orders', scoped)).status).toBe(200);
    expect((await call(endpoint, 'GET /admin', scoped)).status).toBe(403);
    expect((await call(endpoint, 'GET /admin', await newKey())).status).toBe(200);
  });
});

describe('examples/websocket', () => {
  /** Opens and closes a connection. Returns the status of the handshake. */
  const connect = ({ url, host = '' }: Endpoint, key?: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { host, ...(key === undefined ? {} : { 'x-api-key': key }) };
      const socket = new WebSocket(url, { headers });
      socket.on('upgrade', ({ statusCode }) => {
        resolve(statusCode);
        socket.close();
      });
      socket.on('unexpected-response', (_, { statusCode }) => {
        resolve(statusCode);
        socket.terminate();
      });
      socket.on('error', reject);
    });

  it('accepts connections with a key whose scopes include $connect and rejects all others', async () => {
    const { endpoint, newKey } = await deployedApi('websocket', 'LatchkeyWebSocketExample');
    // No identity source is missing, so the authorizer itself rejects the connection.
    expect(await connect(endpoint)).toBe(MALFORMED.websocket);
    expect(await connect(endpoint, 'acme_live_nonsense')).toBe(MALFORMED.websocket);
    expect(await connect(endpoint, await newKey(['GET /orders/*']))).toBe(403);
    expect(await connect(endpoint, await newKey())).toBe(101);
    expect(await connect(endpoint, await newKey(['$connect']))).toBe(101);
  });
});

describe('examples/expiry-mail', () => {
  const events = new EventBridgeClient(account.aws);
  const sqs = new SQSClient(account.aws);
  afterAll(() => {
    events.destroy();
    sqs.destroy();
  });

  /** A queue that receives every event of Latchkey, like a consumer's own queue. */
  async function queueOfEvents() {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'events-of-keys' }));
    const asked = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    const arn = asked.Attributes?.QueueArn ?? '';
    const statement = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, Resource: arn }] });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    await events.send(new PutRuleCommand({ Name: 'keys', EventPattern: JSON.stringify({ source: ['latchkey'] }) }));
    await events.send(new PutTargetsCommand({ Rule: 'keys', Targets: [{ Id: 'queue', Arn: arn }] }));
    return async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 }),
      );
      return Messages.map(({ Body = '{}' }) => JSON.parse(Body) as Record<string, unknown>);
    };
  }

  it('delivers key events to an EventBridge rule of another stack', async () => {
    const { issue } = await deployed('expiry-mail', 'LatchkeyExpiryMailExample');
    const receive = await queueOfEvents();
    const { record } = await issue({ metadata: { contact: 'success@simulator.amazonses.com' }, expires: '8d' });
    const arrived: Record<string, unknown>[] = [];
    await vi.waitFor(
      async () => {
        arrived.push(...(await receive()));
        expect(arrived.filter((event) => event['detail-type'] === 'API Key Created')).toMatchObject([
          { source: 'latchkey', detail: { data: { key: { keyId: record.prefix } } } },
        ]);
      },
      { timeout: 120_000, interval: 500 },
    );
  });
});

describe('the package', () => {
  it('the package has type declarations against which the examples compile', async () => {
    const files = [
      ...['rest', 'http', 'websocket', 'several-stacks', 'expiry-mail'].map((example) => join(example, 'app.ts')),
      'expiry-mail/mail/index.ts',
    ];
    const args = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node', ...files];
    await run(resolve('node_modules/.bin/tsc'), args, { cwd: project.folder });
  });

  it.each([
    ['an ES module', 'app.mjs', "import { App, Stack } from 'aws-cdk-lib'; import { ApiKeys } from 'latchkey/cdk';"],
    [
      'CommonJS',
      'app.cjs',
      "const { App, Stack } = require('aws-cdk-lib'); const { ApiKeys } = require('latchkey/cdk');",
    ],
  ])('the package is synthesised by %s without a bundler and without a network', async (_, file, imports) => {
    const app =
      "const app = new App({ outdir: 'synth.out' }); new ApiKeys(new Stack(app, 'Consumer'), 'Keys'); app.synth();";
    await writeFile(join(project.folder, file), `${imports}\n${app}\n`);
    const noNetwork =
      "import net from 'node:net'; net.Socket.prototype.connect = () => { throw new Error('the network was used'); };";
    // Node's permission model prevents child processes, so neither esbuild nor npm can run.
    const limits = ['--permission', '--allow-fs-read=*', `--allow-fs-write=${project.folder}`];
    const args = [...limits, '--import', `data:text/javascript,${encodeURIComponent(noNetwork)}`, file];
    await run(resolve('node_modules/.bin/node'), args, { cwd: project.folder, env: { TMPDIR: project.folder } });
    const template = await readFile(join(project.folder, 'synth.out/Consumer.template.json'), 'utf8');
    const operations = KEY_OPERATIONS.filter((operation) => requirementOf(operation) === undefined);
    expect(template.match(/"AWS::Lambda::Function"/g)).toHaveLength(operations.length + 1);
    await rm(join(project.folder, 'synth.out'), { recursive: true });
  });

  it('installs no dependencies and runs no install script', async () => {
    const folder = join(project.folder, 'node_modules/latchkey');
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      dependencies?: object;
      scripts: object;
    };
    expect(manifest.dependencies ?? {}).toEqual({});
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(script);
    expect((await readdir(folder)).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'package.json',
    ]);
  });
});
