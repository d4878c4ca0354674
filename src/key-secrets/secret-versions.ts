import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { EpochMs } from '../core/keys/record.ts';

/** The ids of the versions that have a staging label. */
export interface StagedVersions {
  readonly current: string | undefined;
  readonly previous: string | undefined;
  readonly pending: string | undefined;
  /** When the secret was last rotated or, if it never was, created. */
  readonly rotatedAt: EpochMs | undefined;
}

/** The versions of one secret in Secrets Manager. Errors never contain a value. */
export class SecretVersions {
  readonly #client: Pick<SecretsManagerClient, 'send'>;
  readonly #secretId: string;

  /** @param secretId the ARN or name of the secret */
  constructor(client: Pick<SecretsManagerClient, 'send'>, secretId: string) {
    this.#client = client;
    this.#secretId = secretId;
  }

  /** Returns the versions with staging labels. All are `undefined` if the secret does not exist. */
  async staged(): Promise<StagedVersions> {
    const secret = await this.#client
      .send(new DescribeSecretCommand({ SecretId: this.#secretId }))
      .catch(undefinedIfNotFound);
    const versions = Object.entries(secret?.VersionIdsToStages ?? {});
    const withLabel = (label: string) => versions.find(([, labels]) => labels.includes(label))?.[0];
    return {
      current: withLabel('AWSCURRENT'),
      previous: withLabel('AWSPREVIOUS'),
      pending: withLabel('AWSPENDING'),
      rotatedAt: (secret?.LastRotatedDate ?? secret?.CreatedDate)?.getTime(),
    };
  }

  /** Returns the value of a version, or `undefined` if the version does not exist or has no value. */
  async read(versionId: string): Promise<string | undefined> {
    const command = new GetSecretValueCommand({ SecretId: this.#secretId, VersionId: versionId });
    return (await this.#client.send(command).catch(undefinedIfNotFound))?.SecretString;
  }

  /** Stores a value as AWSPENDING. Has no effect if the version has a value: another attempt of this rotation stored it. */
  async storePending(versionId: string, value: string): Promise<void> {
    const command = new PutSecretValueCommand({
      SecretId: this.#secretId,
      ClientRequestToken: versionId,
      SecretString: value,
      VersionStages: ['AWSPENDING'],
    });
    try {
      await this.#client.send(command);
    } catch (error) {
      if (error instanceof ResourceExistsException) return;
      // The message could quote the request, which contains the key.
      throw new Error(
        `Secrets Manager did not store the new value: ${error instanceof Error ? error.name : 'unknown error'}`,
      );
    }
  }

  /** Moves AWSCURRENT to a version. Secrets Manager moves AWSPREVIOUS to the version that had it. */
  async makeCurrent(versionId: string, from: string | undefined): Promise<void> {
    await this.#moveLabel('AWSCURRENT', { to: versionId, from });
  }

  /** Removes AWSPENDING from a version, so that Secrets Manager no longer considers the rotation unfinished. */
  async removePending(versionId: string): Promise<void> {
    await this.#moveLabel('AWSPENDING', { from: versionId });
  }

  async #moveLabel(label: string, { to, from }: { to?: string; from: string | undefined }): Promise<void> {
    await this.#client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.#secretId,
        VersionStage: label,
        MoveToVersionId: to,
        RemoveFromVersionId: from,
      }),
    );
  }
}

function undefinedIfNotFound(error: unknown): undefined {
  if (!(error instanceof ResourceNotFoundException)) throw error;
}
