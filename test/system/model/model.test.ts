import { expect, it } from 'vitest';
import { searchSize } from '../../support/search-size.ts';
import { localConnection, testTable } from '../../support/storage/test-table.ts';
import { accidentProneClient, playMany, type Played } from './campaign.ts';
import type { History } from './history.ts';
import { play } from './play.ts';

const HISTORIES = searchSize(60, 200);

/** The histories of earlier findings. */
const FOUND: Readonly<Record<string, History>> = {
  'a creation whose response is lost creates one key': [
    { elapsedMs: 0, sweeps: false, acts: [{ deed: { does: 'create' }, accident: { what: 'lost', write: 1 } }] },
  ],
  'a creation with a token returns the key although its first response was lost': [
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

it('the model explains every history of concurrent operations with accidents', async () => {
  const played: Played = { histories: 0, acts: 0, accidents: 0 };
  await playMany(HISTORIES, 1, await stage(), played);
  expect(played.histories).toBe(HISTORIES);
  expect(played.accidents).toBeGreaterThan(HISTORIES);
}, 120_000);
