import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe } from 'vitest';
import { startMiniStack } from '../deploy/ministack.ts';
import { builtFunctions } from './built-functions.ts';
import { commandLine } from './command-line.ts';
import { crashPoints } from './crash-points.ts';
import type { Emulator } from './emulator.ts';
import { fourSteps } from './four-steps.ts';
import { startMoto } from './moto.ts';
import { secretsManagerAt } from './secret-under-test.ts';
import { soak } from './soak.ts';

/** Two emulators of Secrets Manager, whose differences from AWS are in docs/keys-in-secrets-manager.md. */
const EMULATORS = { moto: startMoto, MiniStack: startMiniStack };

describe.each(Object.entries(EMULATORS))('a key in the Secrets Manager of %s', (name, start) => {
  let running: Awaited<ReturnType<typeof start>>;
  let client: SecretsManagerClient;
  const emulator: Emulator = { client: () => client, endpoint: () => running.endpoint };
  beforeAll(async () => {
    running = await start();
    client = secretsManagerAt(running.endpoint);
  }, 600_000);
  afterAll(async () => {
    client.destroy();
    await running.stop();
  });

  fourSteps(emulator);
  crashPoints(emulator);
  commandLine(emulator);
  // They don't depend on the emulator.
  if (name === 'moto') {
    builtFunctions(emulator);
    soak(emulator);
  }
});
