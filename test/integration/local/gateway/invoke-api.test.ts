import { InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../raw-request.ts';
import { runningLocal, type RunningLocal } from '../../../support/local/running.ts';

let local: RunningLocal;
let client: LambdaClient;
beforeAll(async () => {
  local = await runningLocal();
  client = new LambdaClient({
    endpoint: local.adminUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(async () => {
  client.destroy();
  await local.stop();
});

async function invoke(FunctionName: string, input: object, InvocationType?: 'Event' | 'DryRun') {
  const answer = await client.send(new InvokeCommand({ FunctionName, InvocationType, Payload: JSON.stringify(input) }));
  return { ...answer, payload: answer.Payload?.transformToString() ?? '' };
}

describe("the SDK's Lambda client", () => {
  it("the SDK's Lambda client invokes a function by name or by ARN", async () => {
    const { StatusCode, FunctionError, payload } = await invoke('create-key', { name: 'by SDK' });
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: undefined });
    const { key } = JSON.parse(payload) as { key: string };
    const verified = await invoke('arn:aws:lambda:us-east-1:000000000000:function:verify-key', { key });
    expect(JSON.parse(verified.payload)).toMatchObject({ valid: true });
  });

  it("the SDK's Lambda client receives the error of a function that throws", async () => {
    const { StatusCode, FunctionError, payload } = await invoke('authorizer', { not: 'an authorizer event' });
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(payload)).toMatchObject({ errorType: 'TypeError' });
  });

  it("the SDK's Lambda client can invoke asynchronously, and as a dry run", async () => {
    expect(await invoke('create-key', { name: 'later' }, 'Event')).toMatchObject({ StatusCode: 202, payload: '' });
    expect(await invoke('create-key', { name: 'never' }, 'DryRun')).toMatchObject({ StatusCode: 204 });
    const names = async () => {
      const { records } = (await local.call('list-keys', {})) as { records: { name: string }[] };
      return records.map(({ name }) => name);
    };
    await expect.poll(names).toContain('later');
    expect(await names()).not.toContain('never');
  });

  it.each(['create-key:http', 'arn:aws:lambda:us-east-1:000000000000:function:create-key:http'])(
    "the SDK's Lambda client cannot invoke the alias of API Gateway as %s",
    async (name) => {
      await expect(invoke(name, { name: 'x' })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    },
  );

  it("the SDK's Lambda client cannot invoke the alias of API Gateway by a qualifier, but can invoke the latest version", async () => {
    const qualified = (Qualifier: string) =>
      client.send(new InvokeCommand({ FunctionName: 'create-key', Qualifier, Payload: '{"name":"x"}' }));
    await expect(qualified('http')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(qualified('other')).rejects.toThrow(ResourceNotFoundException);
    expect((await qualified('$LATEST')).FunctionError).toBeUndefined();
  });

  it("the SDK's Lambda client receives ResourceNotFoundException for an unknown function", async () => {
    await expect(invoke('nobody', {})).rejects.toThrow(ResourceNotFoundException);
  });
});

it('the Invoke API rejects a payload that is not JSON, and requests of web pages', async () => {
  const path = '/2015-03-31/functions/list-keys/invocations';
  const post = (options: object) => rawRequest(local.adminUrl, path, { method: 'POST', ...options });
  expect((await post({ body: '{' })).status).toBe(400);
  expect((await post({ headers: { origin: 'http://example.com' } })).status).toBe(403);
  expect((await post({})).status).toBe(200);
});
