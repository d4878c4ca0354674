import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { CANDIDATE_LIFETIME_MS } from '../../../src/key-secrets/rotation.ts';
import { testTable } from '../../support/storage/test-table.ts';
import type { Call, CrashPoint } from './crashing.ts';
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

type Aftermath = keyof typeof AFTERMATHS;
// `Object.keys` returns exactly the names of this constant object.
const AFTERMATH_NAMES = Object.keys(AFTERMATHS) as Aftermath[];

/** After this time, only the current key may work. */
const SETTLED_MS = Math.max(CANDIDATE_LIFETIME_MS, OVERLAP_SECONDS * 1000);

/** The key that is current after a crash and its aftermath. */
type Outcome = 'new key' | 'old key';

/** Kills the function before and after each request of a rotation, with one of the aftermaths at each point in turn. */
export function someCrashPoints({ client }: Emulator): void {
  it('a rotation that is killed before or after any request leaves one working key', { timeout: 300_000 }, async () => {
    const { secret, calls } = await rotated(client());
    for (const [index, crash] of crashPointsOf(calls).entries())
      await killed(secret, crash, AFTERMATH_NAMES[index % AFTERMATH_NAMES.length] ?? 'retried with the same token');
  });
}

/** Kills the function before and after each request of a rotation, with each of the aftermaths, and prints the outcomes. */
export function crashPoints({ client }: Emulator, emulator: string): void {
  describe('a rotation that is killed before or after any request', () => {
    const table = new Map<string, Map<Aftermath, Outcome>>();
    afterAll(() => {
      console.log(printed(emulator, table));
    });

    it.each(AFTERMATH_NAMES)(
      'a rotation that is killed and %s leaves one working key',
      { timeout: 300_000 },
      async (aftermath) => {
        const { secret, calls } = await rotated(client());
        for (const crash of crashPointsOf(calls)) {
          const { step = '', command = '' } = calls[crash.call] ?? {};
          const row = `${step} | ${crash.moment} call ${String(crash.call + 1)}, ${command}`;
          const outcomes = table.get(row) ?? new Map<Aftermath, Outcome>();
          table.set(row, outcomes.set(aftermath, await killed(secret, crash, aftermath)));
        }
      },
    );

    it(
      'leaves one working key after the next attempt if it was killed while the first key was issued',
      { timeout: 300_000 },
      async () => {
        const counted = await SecretUnderTest.create(client(), await testTable());
        await counted.issue();
        for (const crash of crashPointsOf(counted.crashing.calls)) {
          const secret = await SecretUnderTest.create(client(), await testTable());
          const token = randomUUID();
          secret.crashing.restart(crash);
          await expect(secret.issue(token)).rejects.toThrow();
          expect(secret.crashing.isDead, nameOf(crash)).toBe(true);
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

/** Rotates a new secret once, and returns the requests of that rotation. */
async function rotated(client: ReturnType<Emulator['client']>) {
  const secret = await SecretUnderTest.create(client, await testTable());
  await secret.issue();
  secret.crashing.restart();
  await secret.rotate(randomUUID());
  const calls = [...secret.crashing.calls];
  expect(calls.length).toBeGreaterThan(20);
  return { secret, calls };
}

function crashPointsOf(calls: readonly Call[]): CrashPoint[] {
  return [...calls.keys()].flatMap((call) => [
    { call, moment: 'before' as const },
    { call, moment: 'after' as const },
  ]);
}

async function killed(secret: SecretUnderTest, crash: CrashPoint, aftermath: Aftermath): Promise<Outcome> {
  const at = `${nameOf(crash)}, ${aftermath}`;
  const before = await secret.value();
  const token = randomUUID();
  secret.crashing.restart(crash);
  await expect(secret.rotate(token)).rejects.toThrow();
  expect(secret.crashing.isDead, at).toBe(true);
  secret.crashing.restart();
  expect(await secret.works(await secret.value()), `${at}: the current key works`).toBe(true);
  expect(await secret.works(before), `${at}: the key that consumers have cached works`).toBe(true);

  await AFTERMATHS[aftermath](secret, token);
  const current = await secret.value();
  expect(await secret.works(current, 3650 * DAY_MS), `${at}: the current key goes on working`).toBe(true);
  expect(await secret.works(before), `${at}: the previous key works for the overlap`).toBe(true);
  expect(await secret.activeKeys(SETTLED_MS), `${at}: no other key goes on working`).toEqual([current?.keyId]);

  // The next rotation starts an hour after the overlap. A pending version of an abandoned rotation would block it.
  secret.now += SETTLED_MS + DAY_MS;
  await secret.cancel();
  return current?.keyId === before?.keyId ? 'old key' : 'new key';
}

function nameOf({ call, moment }: CrashPoint): string {
  return `${moment} call ${String(call + 1)}`;
}

/** Returns the outcomes as a table of Markdown. */
function printed(emulator: string, table: ReadonlyMap<string, ReadonlyMap<Aftermath, Outcome>>): string {
  const cells = [...table].map(([row, outcomes]) =>
    [row, ...AFTERMATH_NAMES.map((name) => outcomes.get(name) ?? 'failed')].join(' | '),
  );
  const head = ['step', 'killed', ...AFTERMATH_NAMES];
  const lines = [head.join(' | '), head.map(() => '---').join(' | '), ...cells].map((line) => `| ${line} |`);
  return [`The key that is current after a crash, on ${emulator} (${String(table.size)} crash points):`, ...lines].join(
    '\n',
  );
}
