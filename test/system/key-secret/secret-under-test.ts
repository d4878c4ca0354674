import { randomBytes, randomUUID } from 'node:crypto';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SecretRotation } from '../../../src/key-secrets/rotate-secret.ts';
import { ROTATION_STEPS, type NewKeyFields } from '../../../src/key-secrets/rotation.ts';
import {
  readSecretValue,
  secretNameOf,
  writeSecretValue,
  type SecretValue,
} from '../../../src/key-secrets/secret-value.ts';
import { SecretVersions, type StagedVersions } from '../../../src/key-secrets/secret-versions.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { verify } from '../../../src/management/operations/verify.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import type { testTable } from '../../support/storage/test-table.ts';
import { Crashing } from './crashing.ts';

export const OVERLAP_SECONDS = 3600;
export const DAY_MS = 24 * 3_600_000;

/** The fields of the keys that these tests create. */
const FIELDS: NewKeyFields = {
  name: 'Checkout',
  ownerId: 'acme',
  scopes: ['GET /orders/*'],
  metadata: { tier: 'gold' },
};

/** A client of an emulated Secrets Manager. */
export function secretsManagerAt(endpoint: string): SecretsManagerClient {
  return new SecretsManagerClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

/** A secret with its keys, and a rotation function that can be killed. */
export class SecretUnderTest {
  readonly crashing = new Crashing();
  readonly keys: DynamoKeyStore;
  readonly secretId: string;
  readonly client: SecretsManagerClient;
  /** The clock of the function, in milliseconds. */
  now = Date.now();
  readonly #context: OperationContext;
  readonly #rotation: SecretRotation;
  readonly #versions: SecretVersions;

  private constructor(
    secretId: string,
    client: SecretsManagerClient,
    table: Awaited<ReturnType<typeof testTable>>,
    options: { readonly lifetimeSeconds?: number },
  ) {
    const store = (watched: typeof table.client) =>
      new DynamoKeyStore({ client: watched, tableName: table.tableName, retentionSeconds: 90 * 86_400 });
    this.secretId = secretId;
    this.client = client;
    this.keys = store(table.client);
    this.#context = {
      settings: {
        label: 'lk',
        importedFormats: [],
        retentionSeconds: 90 * 86_400,
        plans: {},
        restrictions: [],
        ownerSuspension: false,
      },
      keys: store(this.crashing.watch(table.client)),
      now: () => this.now,
      randomBytes,
    };
    this.#versions = new SecretVersions(client, secretId);
    this.#rotation = new SecretRotation({
      context: this.#context,
      versions: new SecretVersions(this.crashing.watch(client), secretId),
      secretName: secretNameOf(secretId),
      overlapSeconds: OVERLAP_SECONDS,
      ...options,
    });
  }

  /** Creates an empty secret, as CloudFormation does for the construct. */
  static async create(
    client: SecretsManagerClient,
    table: Awaited<ReturnType<typeof testTable>>,
    options: { readonly lifetimeSeconds?: number } = {},
  ): Promise<SecretUnderTest> {
    const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: `key-${randomUUID()}` }));
    return new SecretUnderTest(ARN, client, table, options);
  }

  /** Issues the first key, as the construct's resource does. */
  async issue(token: string = randomUUID()): Promise<void> {
    for (const step of ROTATION_STEPS) await this.step(step, token, FIELDS);
  }

  /** Invokes the four steps, as Secrets Manager does. */
  async rotate(token: string): Promise<void> {
    for (const step of ROTATION_STEPS) await this.step(step, token);
  }

  /** Runs one step. */
  step(...args: Parameters<SecretRotation['run']>): Promise<void> {
    [this.crashing.step] = args;
    return this.#rotation.run(...args);
  }

  /** Runs the daily check's repair. */
  repair(): Promise<void> {
    return this.#rotation.repair();
  }

  /** Cancels the rotation in progress, as an operator does before a new one with another token. */
  async cancel(): Promise<void> {
    const { pending, current } = await this.#versions.staged();
    if (pending !== undefined && pending !== current) await this.#versions.removePending(pending);
  }

  /** Rotates the current key outside of the rotation, and stores the new one as AWSCURRENT. */
  async replaceCurrentKey(): Promise<SecretValue> {
    const { keyId: prefix = '' } = (await this.value()) ?? {};
    const { key, record } = await rotate({ ...this.#context, keys: this.keys }, { prefix, force: true });
    const value = { key: key ?? '', keyId: record.prefix, expiresAt: record.expiresAt };
    await this.client.send(
      new PutSecretValueCommand({ SecretId: this.secretId, SecretString: writeSecretValue(value) }),
    );
    return value;
  }

  staged(): Promise<StagedVersions> {
    return this.#versions.staged();
  }

  /** The value of a version, or of the one with AWSCURRENT. */
  async value(versionId?: string): Promise<SecretValue | undefined> {
    const id = versionId ?? (await this.staged()).current;
    const text = id === undefined ? undefined : await this.#versions.read(id);
    return text === undefined ? undefined : readSecretValue(text);
  }

  /** Whether the authorizer would allow a key, at a time of the function's clock. */
  async works(value: SecretValue | undefined, after = 0): Promise<boolean> {
    if (value === undefined) return false;
    const context = { ...this.#context, keys: this.keys, now: () => this.now + after };
    return (await verify(context, { key: value.key })).valid;
  }

  /** The prefixes of all keys of the table that are active, at a time of the function's clock. */
  async activeKeys(after = 0): Promise<string[]> {
    const query = { label: 'lk', ownerId: FIELDS.ownerId, limit: 100, status: 'active' } as const;
    const { records } = await this.keys.list(query, this.now + after);
    return records.map(({ prefix }) => prefix).toSorted();
  }
}
