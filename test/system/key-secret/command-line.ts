import { randomUUID } from 'node:crypto';
import { GetSecretValueCommand, ListSecretsCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSecretValue } from '../../../src/key-secrets/secret-value.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';
import type { Emulator } from './emulator.ts';
import { secretsManagerProxy } from './secrets-manager-proxy.ts';

/** `latchkey create` and `latchkey rotate`, with a key that goes to an AWS service. */
export function commandLine({ client, endpoint }: Emulator): void {
  describe('the command line', () => {
    let local: LocalDeployment;
    let ssm: SSMClient;
    beforeAll(async () => {
      local = await localDeployment();
      ssm = new SSMClient({
        endpoint: endpoint(),
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
    });
    afterAll(async () => {
      ssm.destroy();
      await local.stop();
    });

    const run = (...args: string[]) => runAt(endpoint(), args);
    const runAt = (secretsManager: string, args: readonly string[]) =>
      local.run(args, {
        env: {
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager,
          AWS_ENDPOINT_URL_SSM: endpoint(),
        },
      });
    const secretNamed = async (name: string) => {
      const { SecretString = '' } = await client().send(new GetSecretValueCommand({ SecretId: name }));
      return readSecretValue(SecretString);
    };
    const parameterNamed = async (name: string) => {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
      return { key: Parameter?.Value ?? '', type: Parameter?.Type };
    };

    it('creates a key into a secret, and prints its details without the key', async () => {
      const name = `cli-${randomUUID()}`;
      const { code, stdout, stderr } = await run('create', 'Checkout', '--expires', '90d', '--to-secret', name);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      const value = await secretNamed(name);
      expect(stderr).toContain(`The key is in the secret "${name}".`);
      expect(stderr).toContain(value?.keyId);
      expect(value?.expiresAt).toMatch(/^\d{4}-/);
      expect(await local.statusOf(value?.key ?? '')).toBe(200);
    });

    it('prints JSON without the key', async () => {
      const name = `cli-${randomUUID()}`;
      const { stdout } = await run('create', 'Checkout', '--json', '--to-secret', name);
      expect(JSON.parse(stdout)).toMatchObject({ key: null, storedIn: `the secret "${name}"` });
    });

    it('rejects a secret that exists, and issues no key', async () => {
      const name = `cli-${randomUUID()}`;
      await run('create', 'Checkout', '--to-secret', name);
      const before = await secretNamed(name);
      const { code, stderr } = await run('create', 'Second', '--to-secret', name);
      expect(code).toBe(2);
      expect(stderr).toContain(`The secret "${name}" already exists.`);
      expect(await secretNamed(name)).toEqual(before);
      expect((await run('list')).stdout).not.toContain('Second');
    });

    it('rotates a key into the secret that holds it', async () => {
      const name = `cli-${randomUUID()}`;
      await run('create', 'Checkout', '--to-secret', name);
      const first = await secretNamed(name);
      const { code, stdout } = await run('rotate', first?.keyId ?? '', '--overlap', '0s', '--yes', '--to-secret', name);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      const second = await secretNamed(name);
      expect(second?.keyId).not.toBe(first?.keyId);
      expect(await local.statusOf(second?.key ?? '')).toBe(200);
      expect(await local.statusOf(first?.key ?? '')).not.toBe(200);
    });

    it('does not rotate a key into a secret that holds something else', async () => {
      const name = `cli-${randomUUID()}`;
      await run('create', 'Checkout', '--to-secret', name);
      const value = await secretNamed(name);
      await client().send(new PutSecretValueCommand({ SecretId: name, SecretString: 'a password' }));
      const { code, stderr } = await run('rotate', value?.keyId ?? '', '--yes', '--to-secret', name);
      expect(code).toBe(2);
      expect(stderr).toContain(`does not hold the key ${value?.keyId ?? ''}`);
      expect(await local.statusOf(value?.key ?? '')).toBe(200);
    });

    it('leaves no empty secret behind when no key is issued', async () => {
      const name = `cli-${randomUUID()}`;
      const { code } = await run('create', 'Checkout', '--plan', 'none', '--to-secret', name);
      expect(code).toBe(2);
      const { SecretList = [] } = await client().send(new ListSecretsCommand({ MaxResults: 100 }));
      expect(SecretList.map(({ Name }) => Name)).not.toContain(name);
    });

    it('revokes the key and deletes the empty secret when the key can not be stored', async () => {
      const proxy = await secretsManagerProxy(endpoint());
      proxy.denied.add('secretsmanager:PutSecretValue');
      const name = `cli-${randomUUID()}`;
      const { code, stdout, stderr } = await runAt(proxy.endpoint, ['create', 'Undelivered', '--to-secret', name]);
      proxy.stop();
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`could not be stored in the secret "${name}" (AccessDeniedException)`);
      expect(stderr).toContain('The key is revoked. Create another one.');
      const { records } = JSON.parse((await run('list', '--name', 'Undelivered', '--json')).stdout) as {
        records: { status: string }[];
      };
      expect(records).toMatchObject([{ status: 'revoked' }]);
      const { SecretList = [] } = await client().send(new ListSecretsCommand({ MaxResults: 100 }));
      expect(SecretList.map(({ Name }) => Name)).not.toContain(name);
    });

    it('creates and rotates a key in a SecureString parameter', async () => {
      const name = `/cli/${randomUUID()}`;
      const { code, stdout } = await run('create', 'Checkout', '--to-parameter', name);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      const first = await parameterNamed(name);
      expect(first.type).toBe('SecureString');
      expect(await local.statusOf(first.key)).toBe(200);
      expect((await run('create', 'Second', '--to-parameter', name)).code).toBe(2);
      const prefix = first.key.split('_').at(-2) ?? '';
      expect((await run('rotate', prefix, '--yes', '--to-parameter', name)).code).toBe(0);
      const second = await parameterNamed(name);
      expect(await local.statusOf(second.key)).toBe(200);
      expect((await run('rotate', prefix, '--yes', '--to-parameter', name)).code).not.toBe(0);
    });

    it('accepts one destination only', async () => {
      const { code, stderr } = await run('create', 'Checkout', '--to-secret', 'a', '--to-parameter', 'b');
      expect(code).toBe(2);
      expect(stderr).toContain("cannot be used with option '--to-parameter <name>'");
    });
  });
}
