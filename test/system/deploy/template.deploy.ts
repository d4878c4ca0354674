import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import { send } from '../acceptance/http.ts';
import { output, outputsOf, type Outputs } from '../acceptance/stack.ts';
import { cfnLint } from './cfn-lint.ts';
import { emulatedAccount } from './ministack.ts';
import { pythonTools } from './python.ts';

const run = promisify(execFile);
const account = emulatedAccount(inject('ministack'));
const lambda = new LambdaClient(account.aws);

const BUCKET = 'latchkey-template-artifacts';

/** Runs the AWS CLI against the emulated account. */
async function aws(...args: string[]): Promise<string> {
  const { bin } = await pythonTools();
  // Version 1 of the AWS CLI doesn't read AWS_REGION.
  const region = { AWS_DEFAULT_REGION: account.aws.region };
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...account.environment, ...region };
  const { stdout } = await run(join(bin, 'aws'), args, { env, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

async function deploy(stack: string, templateFile: string, parameters: readonly string[]): Promise<Outputs> {
  const file = [
    '--template-file',
    templateFile,
    '--stack-name',
    stack,
    '--capabilities',
    'CAPABILITY_IAM',
    '--s3-bucket',
    BUCKET,
  ];
  await aws('cloudformation', 'deploy', ...file, '--parameter-overrides', ...parameters);
  return outputsOf(stack, account.aws);
}

describe('the CloudFormation template', () => {
  let folder: string;
  let keys: Outputs;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-template-'));
    await run(resolve('node_modules/.bin/node'), ['dist/cli/index.mjs', 'template', '--out', join(folder, 'latchkey')]);
    await aws('s3', 'mb', `s3://${BUCKET}`);
    const packaged = join(folder, 'packaged.json');
    await aws(
      ...['cloudformation', 'package', '--template-file', join(folder, 'latchkey/template.json')],
      ...['--s3-bucket', BUCKET, '--use-json', '--output-template-file', packaged],
    );
    await cfnLint([packaged]);
    keys = await deploy('LatchkeyTemplate', packaged, ['Label=acme_live', 'RetentionDays=30']);
  });
  afterAll(async () => {
    lambda.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const create = async (input: object): Promise<IssuedKey> => {
    const { Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: output(keys, 'CreateFunctionName'), Payload: JSON.stringify(input) }),
    );
    return JSON.parse(Buffer.from(Payload ?? []).toString()) as IssuedKey;
  };

  it('creates keys with the label of its parameter', async () => {
    expect((await create({ name: 'Checkout' })).key).toMatch(/^acme_live_/);
  });

  it('rejects a label that the functions would not accept', async () => {
    const packaged = join(folder, 'packaged.json');
    await expect(deploy('LatchkeyRejected', packaged, ['Label=Acme-Live'])).rejects.toThrow(/Label/);
  });

  it('protects an HTTP API of another template', async () => {
    const example = 'examples/cloudformation/api.yaml';
    await cfnLint([example]);
    const api = await deploy('OrdersWithoutCdk', example, [
      `AuthorizerFunctionArn=${output(keys, 'AuthorizerFunctionArn')}`,
    ]);
    const endpoint = account.endpointOf(output(api, 'ApiUrl'));
    const { key, record } = await create({ name: 'Checkout', scopes: ['GET /orders/*'] });
    const call = (path: string, headers: Readonly<Record<string, string>>) =>
      send(endpoint, { method: 'GET', path, headers });
    expect(await call('/orders/1', { 'x-api-key': key ?? '' })).toMatchObject({
      status: 200,
      body: { keyId: record.prefix, name: 'Checkout' },
    });
    expect((await call('/admin', { 'x-api-key': key ?? '' })).status).toBe(403);
    expect((await call('/orders/1', {})).status).toBe(401);
  });
});
