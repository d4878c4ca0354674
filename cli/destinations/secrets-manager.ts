import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { readSecretValue, writeSecretValue } from '../../src/key-secrets/secret-value.ts';
import { awsProblem } from '../deployment/aws-problem.ts';
import { usageError } from '../errors.ts';
import type { Destination } from './destination.ts';

/**
 * A secret in AWS Secrets Manager, with the same JSON as a `KeySecret` writes. It is created, unless it holds the key that
 * the new one replaces.
 */
export function secretDestination(name: string, config: { region?: string; profile?: string }): Destination {
  const client = new SecretsManagerClient(config);
  const where = `the secret "${name}"`;
  let isNew = false;
  let endpoint: string | undefined;

  return {
    where,
    reserve: async (replaces) => {
      try {
        const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
        const value = SecretString === undefined ? undefined : readSecretValue(SecretString);
        if (replaces === undefined)
          throw usageError(
            `The secret "${name}" already exists. Use another name, or run "latchkey rotate" with --to-secret to replace its key.`,
          );
        if (value?.keyId !== replaces)
          throw usageError(
            `The secret "${name}" does not hold the key ${replaces}. Name the secret that does, or a new one.`,
          );
        endpoint = value.endpoint;
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw awsProblem(error, `read ${where}`);
        await create();
      }
    },
    store: async (key) => {
      const value = writeSecretValue({ ...key, ...(endpoint === undefined ? {} : { endpoint }) });
      await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
    },
    release: async () => {
      if (isNew) await client.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    },
    close: () => {
      client.destroy();
    },
  };

  /** Creates the secret without a value. This fails if there is one without a value already, or one marked for deletion. */
  async function create(): Promise<void> {
    try {
      await client.send(new CreateSecretCommand({ Name: name, Description: 'API key issued by the Latchkey CLI' }));
      isNew = true;
    } catch (error) {
      throw awsProblem(error, `create ${where}`);
    }
  }
}
