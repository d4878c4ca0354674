import { randomBytes } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { fromEnvironment, MANAGEMENT_FIELDS } from '../gateway/settings.ts';
import type { OperationContext } from '../management/operations/operation.ts';
import { documentClient } from '../storage/client.ts';
import { DynamoKeyStore } from '../storage/dynamo.ts';
import { SecretRotation } from './rotate-secret.ts';
import { secretNameOf } from './secret-value.ts';
import { SecretVersions } from './secret-versions.ts';
import { fromSecretEnvironment, type KeySecretEnvironment } from './settings.ts';

/** The dependencies of the functions of one secret. */
export interface KeySecretContext extends KeySecretEnvironment {
  readonly context: OperationContext;
  readonly versions: SecretVersions;
  readonly rotation: SecretRotation;
}

/** Connects to the secret and the keys table in the environment, with the function's Region and credentials. */
export function keySecretFrom(environment: NodeJS.ProcessEnv): KeySecretContext {
  const { tableName, settings: keySettings } = fromEnvironment(environment, MANAGEMENT_FIELDS);
  const secret = fromSecretEnvironment(environment);
  const { retentionSeconds } = keySettings;
  const context: OperationContext = {
    settings: keySettings,
    keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds }),
    now: Date.now,
    randomBytes,
  };
  const versions = new SecretVersions(new SecretsManagerClient(), secret.secretId);
  const { overlapSeconds, lifetimeSeconds } = secret.settings;
  const rotation = new SecretRotation({
    context,
    versions,
    secretName: secretNameOf(secret.secretId),
    overlapSeconds,
    lifetimeSeconds,
    endpoint: secret.endpoint,
  });
  return { ...secret, context, versions, rotation };
}
