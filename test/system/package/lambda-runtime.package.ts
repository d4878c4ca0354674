import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import { createTable } from '../../../local/create-table.ts';
import { startDynamoDbLocal } from '../../../local/dynamodb-local.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, toEnvironment } from '../../../src/gateway/settings.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { meteringProxy } from '../../integration/bundles/metering-proxy.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { RuntimeApi, type Invoked } from '../../support/bundles/runtime-api.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';

const TABLE = 'keys';
const TASK_ROOT = resolve('dist/functions/authorizer');
const PINNED = 'test/system/package/lambda-runtime';

/** Longer than DynamoDB's connections stay open: the proxy closes an idle one after 5 seconds, as Node's servers do. */
const IDLE_MS = 7000;

const stops: (() => unknown)[] = [];
const api = new RuntimeApi();
let runtime: ChildProcessByStdio<null, Readable, Readable>;
let output = '';
let store: DynamoKeyStore;

beforeAll(async () => {
  const [client, dynamodb, runtimeApi] = await Promise.all([runtimeClient(), startDynamoDbLocal(), api.listen()]);
  const connection = { endpoint: dynamodb.endpoint, region: REGION, credentials: CREDENTIALS };
  const tables = new DynamoDBClient(connection);
  await createTable(tables, TABLE);
  store = new DynamoKeyStore({ client: documentClient(connection), tableName: TABLE, retentionSeconds: 1000 });
  const proxy = await meteringProxy(dynamodb.endpoint);
  runtime = spawn(process.execPath, [client, 'index.handler'], {
    cwd: TASK_ROOT,
    env: {
      ...toEnvironment(TABLE, { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL }),
      AWS_LAMBDA_RUNTIME_API: runtimeApi,
      AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true',
      AWS_LAMBDA_FUNCTION_NAME: 'authorizer',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/authorizer',
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      LAMBDA_TASK_ROOT: TASK_ROOT,
      _HANDLER: 'index.handler',
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [runtime.stdout, runtime.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  runtime.on('close', () => {
    api.fail(new Error(`The runtime ended: ${output}`));
  });
  stops.push(
    () => runtime.kill('SIGKILL'),
    () => {
      api.stop();
      proxy.stop();
      tables.destroy();
    },
    () => dynamodb.stop(),
  );
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

/** Installs the pinned runtime client, unless it is installed already. Returns the path of its entry. */
async function runtimeClient(): Promise<string> {
  const lockfile = join(PINNED, 'package-lock.json');
  const version = createHash('sha256').update(readFileSync(lockfile)).digest('hex').slice(0, 12);
  const folder = resolve(`node_modules/.cache/latchkey/lambda-runtime-${version}`);
  const entry = join(folder, 'node_modules/aws-lambda-ric/index.mjs');
  if (existsSync(entry)) return entry;
  const aside = `${folder}.${String(process.pid)}`;
  await mkdir(aside, { recursive: true });
  await cp(PINNED, aside, { recursive: true });
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: aside });
  // `require('./rapid-client.node')` also finds a folder.
  const native = join(aside, 'node_modules/aws-lambda-ric/rapid-client.node');
  await mkdir(native);
  await cp(join(PINNED, 'rapid-client.mjs'), join(native, 'index.js'));
  await rm(folder, { recursive: true, force: true });
  await rename(aside, folder);
  return entry;
}

const issued = async (fields: Partial<Parameters<typeof aRecord>[0]> = {}) => {
  const key = newKey({ label: LABEL, randomBytes });
  await store.create(aRecord({ prefix: key.prefix, digest: digestOf(key.text), ...fields }));
  return key;
};
const invoke = (text: string) => api.invoke(restEvent({ headers: { 'x-api-key': text } }));
const effectOf = (invoked: Invoked) =>
  invoked.ok
    ? (invoked.result as { policyDocument: { Statement: { Effect: string }[] } }).policyDocument.Statement[0]?.Effect
    : invoked.error;

describe('the authorizer bundle in the runtime client of Lambda', { timeout: 60_000 }, () => {
  it('allows a key, and denies one that is unknown, revoked, expired or forged', async () => {
    const good = await issued();
    const keys = [
      good,
      newKey({ label: LABEL, randomBytes }),
      await issued({ revokedAt: 1 }),
      await issued({ expiresAt: 1 }),
      newKey({ label: LABEL, prefix: good.prefix, randomBytes }),
    ];
    const effects = [];
    for (const { text: key } of keys) effects.push(effectOf(await invoke(key)));
    expect(effects).toEqual(['Allow', 'Deny', 'Deny', 'Deny', 'Deny']);
  });

  it('fails with exactly the message for which API Gateway returns 401', async () => {
    const invoked = await invoke('nonsense');
    // API Gateway compares the message: "Unauthorized" is a 401, and any other one a 500.
    expect(effectOf(invoked)).toMatchObject({ errorMessage: 'Unauthorized' });
  });

  it('still decides after several idle seconds, in which DynamoDB closes the connection', async () => {
    const { text: key } = await issued();
    expect(effectOf(await invoke(key))).toBe('Allow');
    await delay(IDLE_MS);
    expect(effectOf(await invoke(key))).toBe('Allow');
  });

  it('still decides after Lambda has frozen the environment', async () => {
    const { text: key } = await issued();
    expect(effectOf(await invoke(key))).toBe('Allow');
    runtime.kill('SIGSTOP');
    await delay(IDLE_MS);
    const thawed = invoke(key);
    runtime.kill('SIGCONT');
    expect(effectOf(await thawed)).toBe('Allow');
    expect(effectOf(await invoke((await issued({ revokedAt: 1 })).text))).toBe('Deny');
    expect(runtime.exitCode).toBeNull();
  });

  it('logs no key', async () => {
    const { text: key, prefix } = await issued({ lastUsedAt: Date.now() });
    await invoke(key);
    await expect.poll(() => output).toContain(prefix);
    expect(output).not.toContain(key);
  });
});
