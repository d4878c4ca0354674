import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll } from 'vitest';
import { startMiniStack } from '../deploy/ministack.ts';
import type { Emulator } from './emulator.ts';
import { startMoto } from './moto.ts';
import { secretsManagerAt } from './secret-under-test.ts';

/** Two emulators of Secrets Manager, whose differences from AWS are in docs/keys-in-secrets-manager.md. */
export const EMULATORS = { moto: startMoto, MiniStack: startMiniStack };

/** Runs an emulator for the tests of the surrounding `describe`. */
export function emulated(start: (typeof EMULATORS)[keyof typeof EMULATORS]): Emulator {
  let running: Awaited<ReturnType<typeof start>>;
  let client: SecretsManagerClient;
  beforeAll(async () => {
    running = await start();
    client = secretsManagerAt(running.endpoint);
  }, 600_000);
  afterAll(async () => {
    client.destroy();
    await running.stop();
  });
  return { client: () => client, endpoint: () => running.endpoint };
}
