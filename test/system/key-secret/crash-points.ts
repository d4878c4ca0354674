import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CANDIDATE_LIFETIME_MS } from '../../../src/key-secrets/rotation.ts';
import { testTable } from '../../support/storage/test-table.ts';
import type { CrashPoint } from './crashing.ts';
import { DAY_MS, OVERLAP_SECONDS, SecretUnderTest } from './secret-under-test.ts';
import type { Emulator } from './emulator.ts';

/** What happens after the function was killed. */
const AFTERMATHS = {
  'retried with the same token': async (secret: SecretUnderTest, token: string) => {
    await secret.rotate(token);
  },
  'canceled, and started again with another token': async (secret: SecretUnderTest) => {
    await secret.cancel();
    await secret.rotate(randomUUID());
  },
  'abandoned, and left to the daily check': async (secret: SecretUnderTest) => {
    await secret.repair();
  },
} satisfies Record<string, (secret: SecretUnderTest, token: string) => Promise<void>>;

/** From here on only the current key may work. */
const SETTLED_MS = Math.max(CANDIDATE_LIFETIME_MS, OVERLAP_SECONDS * 1000);

/** Kills the function before and after each request of a rotation. */
export function crashPoints({ client }: Emulator): void {
  describe('a rotation that is killed before or after any request', () => {
    it.each(Object.entries(AFTERMATHS))(
      'and %s, leaves one working key',
      { timeout: 300_000 },
      async (_name, aftermath) => {
        const table = await testTable();
        const secret = await SecretUnderTest.create(client(), table);
        await secret.issue();
        secret.crashing.restart();
        await secret.rotate(randomUUID());
        const calls = [...secret.crashing.calls];
        expect(calls.length).toBeGreaterThan(20);

        for (const call of calls.keys())
          for (const moment of ['before', 'after'] as const) {
            const crash: CrashPoint = { call, moment };
            await killed(secret, crash, aftermath);
          }
      },
    );

    it(
      'leaves one working key after the next attempt if it was killed while the first key was issued',
      { timeout: 300_000 },
      async () => {
        const table = await testTable();
        const counted = await SecretUnderTest.create(client(), table);
        await counted.issue();
        for (const call of counted.crashing.calls.keys())
          for (const moment of ['before', 'after'] as const) {
            const secret = await SecretUnderTest.create(client(), await testTable());
            const token = randomUUID();
            secret.crashing.restart({ call, moment });
            const at = `${moment} call ${String(call)}`;
            await expect(secret.issue(token)).rejects.toThrow();
            expect(secret.crashing.isDead, at).toBe(true);
            secret.crashing.restart();
            await secret.issue(token);
            const value = await secret.value();
            expect(await secret.works(value, 3650 * DAY_MS)).toBe(true);
            expect(await secret.activeKeys(SETTLED_MS)).toEqual([value?.keyId]);
          }
      },
    );
  });
}

async function killed(
  secret: SecretUnderTest,
  crash: CrashPoint,
  aftermath: (secret: SecretUnderTest, token: string) => Promise<void>,
): Promise<void> {
  const at = `${crash.moment} call ${String(crash.call)}`;
  const before = await secret.value();
  const token = randomUUID();
  secret.crashing.restart(crash);
  await expect(secret.rotate(token)).rejects.toThrow();
  expect(secret.crashing.isDead, at).toBe(true);
  secret.crashing.restart();
  expect(await secret.works(await secret.value()), `${at}: the current key works`).toBe(true);
  expect(await secret.works(before), `${at}: the key that consumers have cached works`).toBe(true);

  await aftermath(secret, token);
  const current = await secret.value();
  expect(await secret.works(current, 3650 * DAY_MS), `${at}: the current key goes on working`).toBe(true);
  expect(await secret.works(before), `${at}: the previous key works for the overlap`).toBe(true);
  expect(await secret.activeKeys(SETTLED_MS), `${at}: no other key goes on working`).toEqual([current?.keyId]);

  // The next rotation starts an hour after the overlap. A pending version of an abandoned rotation would block it.
  secret.now += SETTLED_MS + DAY_MS;
  await secret.cancel();
}
