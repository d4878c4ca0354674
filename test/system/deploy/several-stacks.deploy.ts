import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Flushed } from '../../../src/management/operations/flushing.ts';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import type { KeyView } from '../../../src/management/view.ts';
import { send, type Endpoint } from '../acceptance/http.ts';
import { output, outputsOf, type Outputs } from '../acceptance/stack.ts';
import { cdk } from './cdk.ts';
import { consumer, type Consumer } from './consumer.ts';
import { emulatedAccount } from './ministack.ts';

const account = emulatedAccount(inject('ministack'));
const lambda = new LambdaClient(account.aws);
const STACKS = ['LatchkeyOrdersExample', 'LatchkeyInvoicesExample'] as const;

let project: Consumer;
let keys: Outputs;
let apis: Record<(typeof STACKS)[number], Endpoint>;
beforeAll(async () => {
  project = await consumer(inject('tarball'), ['esbuild']);
  await cdk(account, ['deploy', '--all', '--require-approval', 'never'], join(project.folder, 'several-stacks'));
  keys = await outputsOf('LatchkeySharedKeysExample', account.aws);
  const endpoints = await Promise.all(
    STACKS.map(async (stack) => account.endpointOf(output(await outputsOf(stack, account.aws), 'ApiUrl'))),
  );
  apis = Object.fromEntries(STACKS.map((stack, index) => [stack, endpoints[index]])) as typeof apis;
});
afterAll(async () => {
  lambda.destroy();
  await project.remove();
});

async function invoke<Result>(outputName: string, input: object): Promise<Result> {
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: output(keys, outputName), Payload: JSON.stringify(input) }),
  );
  return JSON.parse(Buffer.from(Payload ?? []).toString()) as Result;
}

const status = async (endpoint: Endpoint, path: string, key?: string) =>
  (await send(endpoint, { method: 'GET', path, headers: key === undefined ? {} : { 'x-api-key': key } })).status;

describe('examples/several-stacks', () => {
  it.each(STACKS)('allows a key of the first stack on the routes of its scopes of the API in %s', async (stack) => {
    const { key } = await invoke<IssuedKey>('CreateFunctionName', { name: 'Checkout', scopes: ['GET /orders/*'] });
    const api = apis[stack];
    expect(await status(api, '/orders/1', key ?? '')).toBe(200);
    expect(await status(api, '/admin', key ?? '')).toBe(403);
    expect(await status(api, '/orders/1')).toBe(401);
  });

  it('flushes the caches of the stages in the other stacks when a key is revoked', async () => {
    const { record } = await invoke<IssuedKey>('CreateFunctionName', { name: 'Leaked' });
    const { caches } = await invoke<Flushed<KeyView>>('RevokeFunctionName', { prefix: record.prefix });
    expect({ ...caches, flushed: caches.flushed.map((stage) => stage.split('/')[0]).toSorted() }).toEqual({
      flushed: ['http', 'rest'],
      pending: [],
      failed: [],
    });
  });
});
