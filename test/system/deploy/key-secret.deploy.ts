import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROTATION_STEPS } from '../../../src/key-secrets/rotation.ts';
import { readSecretValue } from '../../../src/key-secrets/secret-value.ts';
import { latchkey } from '../../support/cli/latchkey.ts';
import { send } from '../acceptance/http.ts';
import { output, outputsOf, type Outputs } from '../acceptance/stack.ts';
import { cdk } from './cdk.ts';
import { emulatedAccount } from './ministack.ts';

const STACK = 'LatchkeyKeySecret';
const account = emulatedAccount(inject('ministack'));
const secretsManager = new SecretsManagerClient(account.aws);
const lambda = new LambdaClient(account.aws);

const APP = 'node test/system/deploy/key-secret-app.ts';
const deploy = (...more: string[]) =>
  cdk(account, ['deploy', STACK, '--app', APP, '--output', `cdk.out/${STACK}`, '--require-approval', 'never', ...more]);

/** The stack's own roles, functions and custom resource do all of this: MiniStack enforces IAM. */
describe('a KeySecret in an emulated AWS account', () => {
  let outputs: Outputs;
  beforeAll(async () => {
    await deploy();
    outputs = await outputsOf(STACK, account.aws);
  });
  afterAll(async () => {
    await cdk(account, ['destroy', STACK, '--app', APP, '--force']);
    secretsManager.destroy();
    lambda.destroy();
  });

  const valueOf = async (name: string) => {
    const SecretId = output(outputs, `${name}Secret`);
    const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId }));
    const value = readSecretValue(SecretString);
    if (value === undefined) throw new Error(`The secret ${name} has no key.`);
    return value;
  };
  const statusOf = async (key: string) => {
    const endpoint = account.endpointOf(output(outputs, 'ApiUrl'));
    return (await send(endpoint, { method: 'GET', path: '/orders/1', headers: { 'x-api-key': key } })).status;
  };
  /** Invokes the rotation function as Secrets Manager does. */
  const rotate = async (name: string) => {
    const token = randomUUID();
    for (const Step of ROTATION_STEPS) {
      const event = { Step, SecretId: output(outputs, `${name}Secret`), ClientRequestToken: token };
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: output(outputs, `${name}Rotation`), Payload: JSON.stringify(event) }),
      );
      expect(FunctionError, Buffer.from(Payload ?? []).toString()).toBeUndefined();
    }
  };
  const doctor = async () => {
    const { stdout } = await latchkey(['doctor', '--stack', STACK, '--json'], { env: account.environment });
    const { findings } = JSON.parse(stdout) as { findings: { check: string; found: string }[] };
    return findings.filter(({ check }) => check.startsWith('Secret')).map(({ check, found }) => [check, found]);
  };

  it('has a working key, which the stack issued, and the URL of the API', async () => {
    const value = await valueOf('Deleted');
    expect(value.endpoint).toBe(output(outputs, 'ApiUrl'));
    expect(await statusOf(value.key)).toBe(200);
  });

  it('gets a new key by a rotation, and the old key works for the overlap', async () => {
    for (const name of ['Deleted', 'Kept']) {
      const before = await valueOf(name);
      await rotate(name);
      const after = await valueOf(name);
      expect(after.keyId).not.toBe(before.keyId);
      expect([await statusOf(before.key), await statusOf(after.key)]).toEqual([200, 200]);
    }
  });

  it('is found by latchkey doctor', async () => {
    const { SecretList = [] } = await secretsManager.send(new ListSecretsCommand());
    const names = SecretList.map(({ Name = '' }) => Name).toSorted();
    // Without a schedule, the rotation is off.
    expect(await doctor()).toEqual([
      ['Secrets', '0 of 2 with a working key'],
      ...names.map((name) => [`Secret ${name}`, 'the rotation is off']),
    ]);
  });

  it('revokes its keys and deletes the secret when it is deleted, or keeps both as configured', async () => {
    const [deleted, kept] = [await valueOf('Deleted'), await valueOf('Kept')];
    await deploy('-c', 'secrets=false');
    expect(await statusOf(deleted.key)).toBe(403);
    expect(await statusOf(kept.key)).toBe(200);
    expect(await valueOf('Kept')).toEqual(kept);
    const describeDeleted = new DescribeSecretCommand({ SecretId: output(outputs, 'DeletedSecret') });
    const gone = await secretsManager.send(describeDeleted).catch((error: unknown) => error);
    expect(gone).toSatisfy(
      (result: unknown) =>
        (result instanceof Error && result.name === 'ResourceNotFoundException') ||
        (typeof result === 'object' && result !== null && 'DeletedDate' in result),
    );
  });
});
