import { expect, it } from 'vitest';
import { localConnection, testTable } from '../store/test-table.ts';
import { accidentProneClient, playMany, type Played } from './campaign.ts';

const HISTORIES = 200;

it('whatever happens to keys, with accidents and all at once, is a life that the model knows', async () => {
  const { tableName } = await testTable();
  const stage = { client: accidentProneClient(localConnection()), tableName, endpoint: localConnection().endpoint };
  const played: Played = { histories: 0, acts: 0, accidents: 0 };
  await playMany(HISTORIES, 1, stage, played);
  expect(played.histories).toBe(HISTORIES);
  expect(played.accidents).toBeGreaterThan(HISTORIES);
}, 120_000);
