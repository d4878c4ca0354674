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
type CurrentKey = 'new key' | 'old key';

interface Outcome {
  /** The step and the request at which the function was killed. */
  readonly row: string;
  readonly current: CurrentKey;
}

/** Kills the function before and after each request of a rotation, with one of the aftermaths at each point in turn. */
export function someCrashPoints({ client }: Emulator): void {
  it('a rotation that is killed before or after any request leaves one working key', { timeout: 300_000 }, async () => {
    const secret = await rotated(client());
    let turn = 0;
    for (const crash of crashPoints()) {
      const aftermath = AFTERMATH_NAMES[turn++ % AFTERMATH_NAMES.length] ?? 'retried with the same token';
      if ((await killed(secret, crash, aftermath)) === undefined) return;
    }
  });
}

/** Kills the function before and after each request of a rotation, with each of the aftermaths, and prints the outcomes. */
export function allCrashPoints({ client }: Emulator, emulator: string): void {
  describe('a rotation that is killed before or after any request', () => {
    const table = new Map<string, Map<Aftermath, CurrentKey>>();
    afterAll(() => {
      console.log(printed(emulator, table));
    });

    it.each(AFTERMATH_NAMES)(
      'a rotation that is killed and %s leaves one working key',
      { timeout: 300_000 },
      async (aftermath) => {
        const secret = await rotated(client());
        for (const crash of crashPoints()) {
          const outcome = await killed(secret, crash, aftermath);
          if (outcome === undefined) return;
          const { row, current } = outcome;
          const outcomes = table.get(row) ?? new Map<Aftermath, CurrentKey>();
          table.set(row, outcomes.set(aftermath, current));
        }
      },
    );

    it(
      'leaves one working key after the next attempt if it was killed while the first key was issued',
      { timeout: 300_000 },
      async () => {
        for (const crash of crashPoints()) {
          const secret = await SecretUnderTest.create(client(), await testTable());
          const token = randomUUID();
          secret.crashing.restart(crash);
          const result = await secret.issue(token).catch((error: unknown) => error);
          if (!secret.crashing.isDead) {
            expect(result).toBeUndefined();
            expect(crash.call).toBeGreaterThan(15);
            return;
          }
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

/** Returns a secret that was rotated, so that the next rotation finds a previous key, as every later one does. */
async function rotated(client: ReturnType<Emulator['client']>): Promise<SecretUnderTest> {
  const secret = await SecretUnderTest.create(client, await testTable());
  await secret.issue();
  await secret.rotate(randomUUID());
  secret.now += SETTLED_MS + DAY_MS;
  return secret;
}

/** Returns all crash points. A rotation has as many as it sends requests, which depends on its start. */
function* crashPoints(): Generator<CrashPoint> {
  for (let call = 0; ; call++) {
    yield { call, moment: 'before' };
    yield { call, moment: 'after' };
  }
}

/** Kills a rotation at a crash point. Returns `undefined` if the rotation was finished before. */
async function killed(secret: SecretUnderTest, crash: CrashPoint, aftermath: Aftermath): Promise<Outcome | undefined> {
  const at = `${nameOf(crash)}, ${aftermath}`;
  const before = await secret.value();
  const token = randomUUID();
  secret.crashing.restart(crash);
  const result = await secret.rotate(token).catch((error: unknown) => error);
  if (!secret.crashing.isDead) {
    expect(result).toBeUndefined();
    expect(crash.call).toBeGreaterThan(30);
    expect((await secret.value())?.keyId).not.toBe(before?.keyId);
    return undefined;
  }
  const row = rowOf(secret.crashing.calls, crash);
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
  return { row, current: current?.keyId === before?.keyId ? 'old key' : 'new key' };
}

/** Names a request by its step and by its number among the same requests of the step. */
function rowOf(calls: readonly Call[], { call, moment }: CrashPoint): string {
  const { step, command } = calls[call] ?? { step: '', command: '' };
  const number = calls.slice(0, call + 1).filter((one) => one.step === step && one.command === command).length;
  return `${step} | ${moment} ${command.replace(/Command$/, '')} ${String(number)}`;
}

function nameOf({ call, moment }: CrashPoint): string {
  return `${moment} call ${String(call + 1)}`;
}

/** Returns the outcomes as a table of Markdown. */
function printed(emulator: string, table: ReadonlyMap<string, ReadonlyMap<Aftermath, CurrentKey>>): string {
  const cells = [...table].map(([row, outcomes]) =>
    [row, ...AFTERMATH_NAMES.map((name) => outcomes.get(name) ?? 'no such request')].join(' | '),
  );
  const head = ['step', 'killed', ...AFTERMATH_NAMES];
  const lines = [head.join(' | '), head.map(() => '---').join(' | '), ...cells].map((line) => `| ${line} |`);
  return [`The key that is current after a crash, on ${emulator} (${String(table.size)} crash points):`, ...lines].join(
    '\n',
  );
}
