import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { IssuedKey } from '../../functions/manage/operations/issue-key.ts';
import type { KeyList } from '../../functions/manage/operations/list.ts';
import { send, type Endpoint } from '../acceptance/http.ts';
import { output, outputsOf } from '../acceptance/stack.ts';
import { cdk } from './cdk.ts';
import { cfnLint } from './cfn-lint.ts';
import { consumer, type Consumer } from './consumer.ts';
import { emulatedAccount } from './ministack.ts';

/** The test project of djangorestframework-api-key, deployed: each behaviour of it. */
const account = emulatedAccount(inject('ministack'));
const lambda = new LambdaClient(account.aws);
const STACK = 'LatchkeyHeroesExample';
/** The emulator cannot flush, so an answer lives for its `cacheTtl`. */
const CACHE_ENDS_MS = 20_000;

let project: Consumer;
let endpoint: Endpoint;
let invoke: (name: string, input: object) => Promise<unknown>;
beforeAll(async () => {
  project = await consumer(['esbuild', 'zod', '@aws-sdk/client-lambda']);
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

const get = (path: string, headers: Record<string, string> = {}) => send(endpoint, { method: 'GET', path, headers });
const withKey = (key: string) => ({ 'x-heroes-key': key });
const withHeroKey = (key: string) => ({ authorization: `Api-Key ${key}` });

async function newKey(): Promise<string> {
  return ((await invoke('CreateFunctionName', { name: 'Mission control' })) as IssuedKey).key ?? '';
}
async function heroKey(heroId: string, hero: string): Promise<string> {
  const input = { name: `Key of ${hero}`, ownerId: heroId, metadata: { hero } };
  return ((await invoke('CreateHeroKeyFunctionName', input)) as IssuedKey).key ?? '';
}
/** Waits until the cache has forgotten what it knew. */
async function statusBecomes(expected: number, key: string): Promise<void> {
  const until = performance.now() + CACHE_ENDS_MS;
  let { status } = await get('/heroes/me', withHeroKey(key));
  while (status !== expected && performance.now() < until) {
    await delay(500);
    ({ status } = await get('/heroes/me', withHeroKey(key)));
  }
  expect(status).toBe(expected);
}

describe('examples/heroes', () => {
  it('has a public route', async () => {
    expect(await get('/public')).toMatchObject({ status: 200, body: { message: 'Hello, stranger' } });
  });

  it('has a route for API keys, in a header of its own', async () => {
    const key = await newKey();
    expect(key).toMatch(/^app_/);
    expect((await get('/protected')).status).toBe(401);
    expect((await get('/protected', { 'x-api-key': key })).status).toBe(401);
    expect((await get('/protected', withHeroKey(key))).status).toBe(401);
    expect(await get('/protected', withKey(key))).toMatchObject({ status: 200, body: { caller: 'Mission control' } });
  });

  it('has a second kind of key, which knows its hero', async () => {
    const key = await heroKey('storm', 'Storm');
    expect(key).toMatch(/^hero_/);
    expect(await get('/heroes/me', withHeroKey(key))).toMatchObject({ status: 200, body: { hero: 'Storm' } });
    const refused = await invoke('CreateHeroKeyFunctionName', { name: 'Key of nobody' });
    expect(refused).toMatchObject({ error: { code: 'invalid_input', faults: [{ field: 'metadata.hero' }] } });
  });

  it('opens no route of one kind to a key of the other, though they share a table', async () => {
    expect((await get('/heroes/me', withHeroKey(await newKey()))).status).toBe(401);
    expect((await get('/protected', withKey(await heroKey('rogue', 'Rogue')))).status).toBe(401);
  });

  it('ends the keys of a hero that retires, and of no other, until it comes back', async () => {
    const [retired, other] = [await heroKey('logan', 'Wolverine'), await heroKey('jean', 'Jean Grey')];
    await statusBecomes(200, retired);
    expect(await invoke('RetireFunctionName', { heroId: 'logan', retired: true })).toEqual({
      heroId: 'logan',
      suspended: true,
    });
    await statusBecomes(403, retired);
    await statusBecomes(200, other);
    expect(await invoke('RetireFunctionName', { heroId: 'logan', retired: false })).toMatchObject({ suspended: false });
    await statusBecomes(200, retired);
  });

  it('has a column for the hero in the admin: the field, told with its values', async () => {
    await heroKey('beast', 'Beast');
    expect(await invoke('HeroSettingsFunctionName', {})).toMatchObject({
      label: 'hero',
      attributes: { properties: { hero: { description: 'the name of the hero that the key belongs to' } } },
    });
    const { records } = (await invoke('ListHeroKeysFunctionName', { ownerId: 'beast' })) as KeyList;
    expect(records.map(({ metadata }) => metadata)).toEqual([{ hero: 'Beast' }]);
  });

  it('is checked by TypeScript', async () => {
    const files = ['app.ts', 'api/index.ts', 'retire/index.ts'].map((file) => join('heroes', file));
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const args = [...options, '--allowImportingTsExtensions', '--skipLibCheck', ...files];
    await promisify(execFile)(resolve('node_modules/.bin/tsc'), args, { cwd: project.folder });
  });
});
