import { expect, it } from 'vitest';
import { localConnection, testTable } from '../../support/storage/test-table.ts';
import { accidentProneClient, playMany, type Played } from './campaign.ts';
import type { History } from './history.ts';
import { play } from './play.ts';

const HISTORIES = 200;

/** What was found once. */
const FOUND: Readonly<Record<string, History>> = {
  'a creation whose answer is lost left a second key': [
    { elapsedMs: 0, sweeps: false, acts: [{ deed: { does: 'create' }, accident: { what: 'lost', write: 1 } }] },
  ],
  'a creation with a token whose answer is lost never told the key': [
    {
      elapsedMs: 0,
      sweeps: false,
      acts: [{ deed: { does: 'create', token: 'a' }, accident: { what: 'lost', write: 1 } }],
    },
    { elapsedMs: 0, sweeps: false, acts: [{ deed: { does: 'use', key: 0, secret: 'right' } }] },
  ],
};

const stage = async () => {
  const { tableName } = await testTable();
  return { client: accidentProneClient(localConnection()), tableName, endpoint: localConnection().endpoint };
};

it.each(Object.entries(FOUND))('%s', async (_what, history) => {
  await expect(play(history, await stage())).resolves.toBeUndefined();
});

it('whatever happens to keys, with accidents and all at once, is a life that the model knows', async () => {
  const played: Played = { histories: 0, acts: 0, accidents: 0 };
  await playMany(HISTORIES, 1, await stage(), played);
  expect(played.histories).toBe(HISTORIES);
  expect(played.accidents).toBeGreaterThan(HISTORIES);
}, 120_000);
