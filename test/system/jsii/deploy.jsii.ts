import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import { send } from '../acceptance/http.ts';
import { output, outputsOf, type Outputs } from '../acceptance/stack.ts';
import { bootstrap } from '../deploy/bootstrap.ts';
import { emulatedAccount, startMiniStack, type EmulatedAccount } from '../deploy/ministack.ts';
import { pythonApp } from './apps.ts';

const STACK = 'LatchkeyOrdersExample';

let work: string;
let ministack: Awaited<ReturnType<typeof startMiniStack>>;
let account: EmulatedAccount;
let lambda: LambdaClient;
let outputs: Outputs;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'latchkey-jsii-'));
  ministack = await startMiniStack();
  account = emulatedAccount(ministack.endpoint);
  lambda = new LambdaClient(account.aws);
  await bootstrap(account);
  const app = await pythonApp(work);
  await app.cdk(['deploy', STACK, '--exclusively', '--require-approval', 'never'], account);
  outputs = await outputsOf(STACK, account.aws);
});
afterAll(async () => {
  lambda.destroy();
  await ministack.stop();
  await rm(work, { recursive: true, force: true });
});

async function issue(input: object): Promise<string> {
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: output(outputs, 'CreateFunctionName'), Payload: JSON.stringify(input) }),
  );
  const answer = Buffer.from(Payload ?? []).toString();
  const { key } = JSON.parse(answer) as Partial<IssuedKey>;
  if (typeof key !== 'string') throw new Error(`no key was created: ${answer}`);
  return key;
}

describe('the app in Python, deployed', () => {
  const call = (api: string, path: string, key?: string) => {
    const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
    return send(account.endpointOf(output(outputs, api)), { method: 'GET', path, headers });
  };

  it('allows a key on the routes of its scopes', async () => {
    const key = await issue({ name: 'Checkout', scopes: ['GET /orders/*'], metadata: { tenant: 'acme' } });
    for (const api of ['ApiUrl', 'HttpApiUrl'])
      expect(await call(api, '/orders/1', key), api).toMatchObject({ status: 200, body: { caller: 'Checkout' } });
    expect((await call('ApiUrl', '/invoices/1', key)).status).toBe(403);
  });

  it('rejects requests without a key, and with a key that has no scopes', async () => {
    expect((await call('ApiUrl', '/orders/1')).status).toBe(401);
    // `unscopedKeys` of the app.
    const unscoped = await issue({ name: 'Unscoped', metadata: { tenant: 'acme' } });
    expect((await call('ApiUrl', '/orders/1', unscoped)).status).toBe(403);
  });

  it('validates metadata by the attributes of the app', async () => {
    await expect(issue({ name: 'Without a tenant' })).rejects.toThrow('tenant');
  });
});
