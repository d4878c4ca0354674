import { setTimeout as delay } from 'node:timers/promises';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { KeyView } from '../../src/management/view.ts';
import { awsProblem } from '../deployment/aws-problem.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { refusal } from '../errors.ts';

/** Secrets Manager starts a rotation at once. Its four steps take a few seconds each. */
const TIMEOUT_MS = 120_000;
const INTERVAL_MS = 1000;

/**
 * Has Secrets Manager rotate the secret that manages a key, and waits until the key is replaced. The new key goes from the
 * rotation function to the secret, and never to this machine.
 *
 * @returns the old and the new key
 * @throws {CommandError} if the rotation can't be started, or doesn't finish in two minutes
 */
export async function rotateSecret(
  { prefix, secretName }: Pick<KeyView, 'prefix' | 'secretName'>,
  { keys }: Deployment,
  config: { region?: string; profile?: string },
): Promise<{ readonly old: KeyView; readonly record: KeyView }> {
  const where = `the secret "${secretName ?? ''}"`;
  const client = new SecretsManagerClient(config);
  try {
    await client.send(new RotateSecretCommand({ SecretId: secretName ?? '' }));
  } catch (error) {
    throw awsProblem(error, `rotate ${where}`);
  } finally {
    client.destroy();
  }
  for (let waited = 0; waited < TIMEOUT_MS; waited += INTERVAL_MS) {
    const old = await keys.get(prefix);
    if (old.replacedBy !== null) return { old, record: await keys.get(old.replacedBy) };
    await delay(INTERVAL_MS);
  }
  throw refusal({
    code: 'rotation_unfinished',
    message: `The rotation of ${where} was started, but has not finished in 2 minutes. The key ${prefix} still works. See the log of the rotation function. If the key leaked, run "latchkey revoke ${prefix}", then increase "generation" of the KeySecret.`,
    prefix,
  });
}
