import { randomBytes, randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_MANAGEMENT_SETTINGS } from '../../../src/gateway/settings.ts';
import { SecretRotation } from '../../../src/key-secrets/rotate-secret.ts';
import { readSecretValue, secretNameOf } from '../../../src/key-secrets/secret-value.ts';
import { SecretVersions } from '../../../src/key-secrets/secret-versions.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';
import { localConnection } from '../../support/storage/test-table.ts';
import type { Emulator } from './emulator.ts';
import { secretsManagerProxy } from './secrets-manager-proxy.ts';

/** `latchkey create` and `latchkey rotate`, with a key that goes to an AWS service. */
export function commandLine({ client, endpoint }: Emulator): void {
  describe('the command line', () => {
    let local: LocalDeployment;
    let ssm: SSMClient;
    const table = `keys-${randomUUID()}`;
    beforeAll(async () => {
      local = await localDeployment({}, { table });
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
      const { SecretString = '' } = await client().send(
        new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSCURRENT' }),
      );
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

    describe('for a key that a secret manages', () => {
      /** A secret with its first key, and a Secrets Manager that rotates it. */
      async function managed() {
        const { ARN: secretId = '' } = await client().send(new CreateSecretCommand({ Name: `key-${randomUUID()}` }));
        const secretName = secretNameOf(secretId);
        const connection = documentClient(localConnection());
        const keys = new DynamoKeyStore({ client: connection, tableName: table, retentionSeconds: 3600 });
        const rotation = new SecretRotation({
          context: { settings: DEFAULT_MANAGEMENT_SETTINGS, keys, now: Date.now, randomBytes },
          versions: new SecretVersions(client(), secretId),
          secretName,
          overlapSeconds: 3600,
        });
        await rotation.runAll(randomUUID(), { name: 'Managed', scopes: [], metadata: {} });
        const proxy = await secretsManagerProxy(endpoint());
        proxy.onRotate = () => rotation.runAll(randomUUID());
        const value = await secretNamed(secretName);
        return { secretName, secretId, proxy, prefix: value?.keyId ?? '', key: value?.key ?? '' };
      }

      it('rotates the secret now, without seeing the key', async () => {
        const { secretName, proxy, prefix, key } = await managed();
        const { code, stdout, stderr } = await runAt(proxy.endpoint, [
          'rotate',
          prefix,
          '--yes',
          '--to-secret',
          secretName,
        ]);
        proxy.stop();
        expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
        expect([...proxy.actions]).toEqual(['secretsmanager:RotateSecret']);
        const value = await secretNamed(secretName);
        expect(value?.keyId).not.toBe(prefix);
        expect(stderr).toContain(value?.keyId);
        expect(stderr).toContain(`The old key ${prefix} works until 20`);
        expect(await local.statusOf(value?.key ?? '')).toBe(200);
        expect(await local.statusOf(key)).toBe(200);
      });

      it('rotates the secret of a leaked key, and revokes the key when the secret has the new one', async () => {
        const { secretName, secretId, proxy, prefix, key } = await managed();
        const args = ['rotate', prefix, '--yes', '--overlap', '0s', '--json', '--to-secret', secretId];
        const { code, stdout } = await runAt(proxy.endpoint, args);
        proxy.stop();
        expect(code).toBe(0);
        const value = await secretNamed(secretName);
        expect(JSON.parse(stdout)).toMatchObject({
          key: null,
          storedIn: `the secret "${secretName}"`,
          record: { prefix: value?.keyId, secretName },
          oldKey: { prefix },
        });
        expect(await local.statusOf(value?.key ?? '')).toBe(200);
        expect(await local.statusOf(key)).not.toBe(200);
      });

      it('rejects a rotation that would leave the old key in the secret, unless it is forced', async () => {
        const { secretName, proxy, prefix, key } = await managed();
        const plain = await runAt(proxy.endpoint, ['rotate', prefix, '--yes']);
        expect(plain.code).toBe(1);
        expect(plain.stderr).toContain(`Run "latchkey rotate ${prefix} --to-secret ${secretName}"`);
        for (const [args, message] of [
          [['--to-secret', 'another'], `is managed by the secret "${secretName}"`],
          [['--to-secret', secretName, '--overlap', '1h'], 'Leave --overlap out'],
          [['--to-secret', secretName, '--never-expires'], '--never-expires is not accepted'],
        ] as const) {
          const rejected = await runAt(proxy.endpoint, ['rotate', prefix, '--yes', ...args]);
          expect(rejected.code).toBe(2);
          expect(rejected.stderr).toContain(message);
        }
        expect([...proxy.actions]).toEqual([]);
        expect(await local.statusOf(key)).toBe(200);
        const forced = await runAt(proxy.endpoint, ['rotate', prefix, '--yes', '--force', '--overlap', '0s']);
        proxy.stop();
        expect(forced.code).toBe(0);
        expect(await local.statusOf(forced.stdout.trim())).toBe(200);
        expect(await local.statusOf(key)).not.toBe(200);
      });

      it('says that Secrets Manager denied the rotation, and leaves the key', async () => {
        const { secretName, proxy, prefix, key } = await managed();
        proxy.denied.add('secretsmanager:RotateSecret');
        const { code, stderr } = await runAt(proxy.endpoint, ['rotate', prefix, '--yes', '--to-secret', secretName]);
        proxy.stop();
        expect(code).toBe(3);
        expect(stderr).toContain(`no permission to rotate the secret "${secretName}"`);
        expect(await local.statusOf(key)).toBe(200);
      });
    });

    it('accepts one destination only', async () => {
      const { code, stderr } = await run('create', 'Checkout', '--to-secret', 'a', '--to-parameter', 'b');
      expect(code).toBe(2);
      expect(stderr).toContain("cannot be used with option '--to-parameter <name>'");
    });
  });
}
