import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** An emulated Secrets Manager, which runs before the first test of a suite. */
export interface Emulator {
  readonly client: () => SecretsManagerClient;
  readonly endpoint: () => string;
}
