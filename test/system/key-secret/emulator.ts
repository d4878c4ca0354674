import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** What a suite needs of an emulated Secrets Manager. It runs before the first test. */
export interface Emulator {
  readonly client: () => SecretsManagerClient;
  readonly endpoint: () => string;
}
