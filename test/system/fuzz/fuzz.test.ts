import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createLimitsTable, createUsageTable } from '../../../local/create-table.ts';
import { testTable } from '../../support/storage/test-table.ts';
import { keptCases, MAX_ONLY_ONCE, retry, runBatch } from './campaign.ts';
import { TARGETS, targets, type Targets } from './targets.ts';

/** Of each target. `npm run fuzz` goes on for as long as one likes. */
const INPUTS = 300;

/** One whose inputs include a request that creates a key. */
const SEED = 2;

let under: Targets;
beforeAll(async () => {
  const [{ client, tableName: authorizerTable }, admin, leaks] = [
    await testTable(),
    await testTable(),
    await testTable(),
  ];
  const [limits, usage] = [await testTable(createLimitsTable), await testTable(createUsageTable)];
  under = await targets({
    ...{ endpoint: inject('dynamodbEndpoint'), client, authorizerTable },
    ...{ adminTable: admin.tableName, leaksTable: leaks.tableName },
    ...{ limitsTable: limits.tableName, usageTable: usage.tableName },
  });
});
afterAll(() => under.stop());

it.each(keptCases())('a case that was found once: $file', async ({ kept }) => {
  expect(await retry(under, kept)).toBeUndefined();
});

it('nothing that is sent lets a stranger in, crashes a function, or makes it answer 500', async () => {
  const finding = await runBatch(under, SEED, 0, INPUTS);
  expect(finding).toBeUndefined();
  expect(under.tally.onlyOnce.length, under.tally.onlyOnce.join('\n')).toBeLessThanOrEqual(MAX_ONLY_ONCE);
  expect(under.tally.inputs).toBeGreaterThanOrEqual(TARGETS.length * INPUTS);
  // Among them good keys, or refusing everything would pass.
  expect(under.tally.answers.get('authorizer policy or yes')).toBeGreaterThan(5);
  expect(under.tally.answers.get('a restricted key from where it may')).toBeGreaterThan(5);
  expect(under.tally.answers.get('admin 201')).toBeGreaterThan(0);
  expect(under.tally.answers.get('leaked keys ended')).toBeGreaterThan(5);
}, 120_000);
