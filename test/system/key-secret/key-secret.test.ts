import { afterAll, beforeAll, describe } from 'vitest';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startMiniStack } from '../deploy/ministack.ts';
import { commandLine } from './command-line.ts';
import { crashPoints } from './crash-points.ts';
import { startMoto } from './moto.ts';
import { secretsManagerAt } from './secret-under-test.ts';
import { fourSteps } from './four-steps.ts';

/** Two emulators of Secrets Manager, which differ from each other: see docs/keys-in-secrets-manager.md. */
const EMULATORS = { moto: startMoto, MiniStack: startMiniStack };

describe.each(Object.entries(EMULATORS))('a key in the Secrets Manager of %s', (_name, start) => {
  let emulator: Awaited<ReturnType<typeof start>>;
  let client: SecretsManagerClient;
  beforeAll(async () => {
    emulator = await start();
    client = secretsManagerAt(emulator.endpoint);
  }, 600_000);
  afterAll(async () => {
    client.destroy();
    await emulator.stop();
  });

  fourSteps(() => client);
  crashPoints(() => client);
  commandLine(
    () => client,
    () => emulator.endpoint,
  );
});
