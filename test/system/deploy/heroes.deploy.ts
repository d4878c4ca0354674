import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { send, type Endpoint } from '../acceptance/http.ts';
import { output, outputsOf } from '../acceptance/stack.ts';
import { cdk } from './cdk.ts';
import { cfnLint } from './cfn-lint.ts';
import { consumer, type Consumer } from './consumer.ts';
import { heroesSuite, type HeroesPlace } from '../examples/heroes-suite.ts';
import { emulatedAccount } from './ministack.ts';

/** Deploys the example with Latchkey installed from the packed tarball. */
const account = emulatedAccount(inject('ministack'));
const lambda = new LambdaClient(account.aws);
const STACK = 'LatchkeyHeroesExample';
/** Modules that the key client loads on demand. They are bundled, because the emulator's Lambda runtime has no SDK. */
const SDK = ['client-cloudformation', 'client-dynamodb', 'client-lambda', 'lib-dynamodb'].map(
  (name) => `@aws-sdk/${name}`,
);
/** The `cacheTtl` of the example. */
const CACHE_ENDS_MS = 20_000;

let project: Consumer;
let endpoint: Endpoint;
let invoke: HeroesPlace['invoke'];
beforeAll(async () => {
  project = await consumer(inject('tarball'), ['esbuild', 'zod', 'aws-jwt-verify', ...SDK]);
  const folder = join(project.folder, 'heroes');
  await cdk(account, ['deploy', '--require-approval', 'never'], folder);
  await cfnLint([join(folder, 'cdk.out', `${STACK}.template.json`)]);
  const outputs = await outputsOf(STACK, account.aws);
  endpoint = account.endpointOf(output(outputs, 'ApiUrl'));
  invoke = async (name, input) => {
    const FunctionName = output(outputs, name);
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(input) }),
    );
    const answer = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw new Error(`${name}: ${answer}`);
    return JSON.parse(answer) as unknown;
  };
});
afterAll(async () => {
  lambda.destroy();
  await project.remove();
});

describe('examples/heroes', () => {
  heroesSuite(
    () => ({
      get: (path, headers = {}) => send(endpoint, { method: 'GET', path, headers }),
      invoke,
      cacheEndsMs: CACHE_ENDS_MS,
    }),
    // MiniStack's IAM has no `dynamodb:LeadingKeys`, so it denies every statement with that condition.
    // test/system/permissions tests the condition.
    { retirement: false },
  );

  it('passes the type check of TypeScript', async () => {
    const files = ['app.ts', 'api/index.ts', 'authorize/index.ts', 'retire/index.ts'].map((file) =>
      join('heroes', file),
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const args = [...options, '--allowImportingTsExtensions', '--skipLibCheck', ...files];
    await promisify(execFile)(resolve('node_modules/.bin/tsc'), args, { cwd: project.folder });
  });
});
