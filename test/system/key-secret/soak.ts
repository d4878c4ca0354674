import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchWithKey } from '../../../examples/key-client.ts';
import { SecretRotation } from '../../../src/key-secrets/rotate-secret.ts';
import { secretNameOf } from '../../../src/key-secrets/secret-value.ts';
import { SecretVersions } from '../../../src/key-secrets/secret-versions.ts';
import { DEFAULT_MANAGEMENT_SETTINGS } from '../../../src/gateway/settings.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';
import { localConnection } from '../../support/storage/test-table.ts';
import type { Emulator } from './emulator.ts';
import { pythonClient } from './python-client.ts';

interface SoakOptions {
  readonly rotations: number;
  /** The time between two rotations, in milliseconds. */
  readonly pauseMs: number;
}

const CLIENTS = 4;

/** Rotates again and again under load. */
export function soak({ client, endpoint }: Emulator, { rotations, pauseMs }: SoakOptions): void {
  describe('a consumer under load', () => {
    let local: LocalDeployment;
    const tableName = `keys-${randomUUID()}`;
    beforeAll(async () => {
      local = await localDeployment({}, { table: tableName });
    });
    afterAll(() => local.stop());

    it.each([
      ['caches the key for less than the overlap', { overlapSeconds: 60, ttlMs: 200 }],
      ['caches the key for longer than the overlap, and reads it again on 403', { overlapSeconds: 1, ttlMs: 600_000 }],
    ])(
      'a consumer that %s has no failed request',
      { timeout: 300_000 },
      async (consumer, { overlapSeconds, ttlMs }) => {
        const { ARN: secretId = '' } = await client().send(new CreateSecretCommand({ Name: `key-${randomUUID()}` }));
        const keys = new DynamoKeyStore({
          client: documentClient(localConnection()),
          tableName,
          retentionSeconds: 3600,
        });
        const rotation = new SecretRotation({
          context: { settings: DEFAULT_MANAGEMENT_SETTINGS, keys, now: Date.now, randomBytes },
          versions: new SecretVersions(client(), secretId),
          secretName: secretNameOf(secretId),
          overlapSeconds,
        });
        await rotation.runAll(randomUUID(), { name: 'Checkout', scopes: [], metadata: {} });

        const url = `${local.apiUrl}/orders/1`;
        const python = await pythonClient({ endpoint: endpoint(), secretId, url, ttlMs, threads: 2 });
        const statuses = new Map<number, number>();
        let isRotating = true;
        const calls = Array.from({ length: CLIENTS }, async () => {
          const callApi = fetchWithKey(client(), secretId, ttlMs);
          while (isRotating) {
            const response = await callApi(url);
            await response.body?.cancel();
            statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          }
        });
        for (let time = 0; time < rotations; time++) {
          await rotation.runAll(randomUUID());
          await delay(pauseMs);
        }
        isRotating = false;
        await Promise.all(calls);
        for (const [language, counts] of [
          ['Node.js', statuses],
          ['Python', await python.stop()],
        ] as const) {
          const succeeded = counts.get(200) ?? 0;
          const failed = [...counts.values()].reduce((sum, count) => sum + count, 0) - succeeded;
          console.log(
            `${language} client that ${consumer}: ${String(rotations)} rotations, ${String(succeeded)} requests, ${String(failed)} failed`,
          );
          expect([...counts.keys()], language).toEqual([200]);
          expect(succeeded, language).toBeGreaterThan(rotations);
        }
      },
    );
  });
}
