import {
  GetSecretValueCommand,
  paginateListSecrets,
  ResourceNotFoundException,
  SecretsManagerClient,
  type SecretListEntry,
} from '@aws-sdk/client-secrets-manager';
import { readSecretValue, SECRET_TABLE_TAG } from '../../src/key-secrets/secret-value.ts';
import { isDenied } from '../deployment/aws-problem.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { ClientConfig } from '../deployment/stack.ts';
import { CommandError } from '../errors.ts';
import { checked, type Finding } from './check.ts';

/** Secrets Manager rotates within a window of a day. */
const GRACE_MS = 24 * 3_600_000;

const GENERATION = 'increase "generation" of the KeySecret and deploy it, which issues a new key';
const LOG = 'see the log of the rotation function';

type Fault = Pick<Finding, 'status' | 'found' | 'advice'>;

/**
 * Checks that each secret of the deployment has a working key and is rotated on time. The values of the secrets are read,
 * and never shown.
 *
 * @param table the keys table, which the secrets of the deployment are tagged with
 */
export async function checkSecrets(
  config: ClientConfig & { readonly region: string },
  table: string,
  { keys }: Pick<Deployment, 'keys'>,
): Promise<Finding[]> {
  const client = new SecretsManagerClient(config);
  const faults: Finding[] = [];
  try {
    const summary = await checked(
      'Secrets',
      { permission: 'secretsmanager:ListSecrets', advice: 'deploy the stack again' },
      async () => {
        const secrets = await secretsOf(client, table);
        for (const secret of secrets) {
          const check = `Secret ${secret.Name ?? ''}`;
          const fault = rotationFault(secret) ?? (await keyFault(client, secret, keys));
          if (fault !== undefined) faults.push({ check, ...fault });
        }
        const working = secrets.length - faults.length;
        return { status: 'ok', found: `${String(working)} of ${String(secrets.length)} with a working key` };
      },
    );
    return [summary, ...faults];
  } finally {
    client.destroy();
  }
}

async function secretsOf(client: SecretsManagerClient, table: string): Promise<SecretListEntry[]> {
  const secrets: SecretListEntry[] = [];
  const Filters = [{ Key: 'tag-key' as const, Values: [SECRET_TABLE_TAG] }];
  for await (const { SecretList = [] } of paginateListSecrets({ client }, { Filters })) secrets.push(...SecretList);
  return secrets.filter(({ Tags = [] }) => Tags.some(({ Key, Value }) => Key === SECRET_TABLE_TAG && Value === table));
}

function rotationFault({
  RotationEnabled,
  NextRotationDate,
  SecretVersionsToStages = {},
}: SecretListEntry): Fault | undefined {
  const isPending = Object.values(SecretVersionsToStages).some(
    (labels) => labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT'),
  );
  if (NextRotationDate !== undefined && Date.now() > NextRotationDate.getTime() + GRACE_MS)
    return { status: 'fault', found: `the rotation is overdue since ${day(NextRotationDate)}`, advice: LOG };
  if (isPending) return { status: 'warning', found: 'a rotation is under way or has failed', advice: LOG };
  if (RotationEnabled !== true)
    return { status: 'warning', found: 'the rotation is off', advice: 'deploy the KeySecret again' };
  return undefined;
}

async function keyFault(
  client: SecretsManagerClient,
  { ARN: SecretId }: SecretListEntry,
  keys: Deployment['keys'],
): Promise<Fault | undefined> {
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
    const value = readSecretValue(SecretString);
    if (value === undefined) return { status: 'fault', found: 'the value has no key', advice: GENERATION };
    const { status, replacedBy } = await keys.get(value.keyId);
    if (replacedBy !== null)
      return {
        status: 'fault',
        found: `the key ${value.keyId} was replaced outside of the secret`,
        advice: GENERATION,
      };
    return status === 'active'
      ? undefined
      : { status: 'fault', found: `the key ${value.keyId} is ${status}`, advice: adviceFor(status, value.keyId) };
  } catch (error) {
    if (error instanceof ResourceNotFoundException)
      return { status: 'fault', found: 'the secret has no value', advice: GENERATION };
    if (error instanceof CommandError && error.problem.code === 'not_found')
      return { status: 'fault', found: 'the key in the secret does not exist', advice: GENERATION };
    if (!isDenied(error)) throw error;
    const advice = 'add the permission secretsmanager:GetSecretValue, which also lets you read the key';
    return { status: 'unknown', found: 'no permission to check its key', advice };
  }
}

function adviceFor(status: string, prefix: string): string {
  return status === 'disabled' ? `run "latchkey enable ${prefix}"` : GENERATION;
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
