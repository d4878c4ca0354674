import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createLimitsTable, createUsageTable } from '../../../local/create-table.ts';
import { testTable } from '../../support/storage/test-table.ts';
import { keptCases, MAX_ONLY_ONCE, retry, runBatch } from './campaign.ts';
import { TARGETS, targets, type Targets } from './targets.ts';

/** The number of cases for each target. `npm run fuzz` runs for as long as you like. */
const INPUTS = 300;

/** A seed whose inputs include a request that creates a key. */
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

it.each(keptCases())('handles the case of an earlier finding: $file', async ({ kept }) => {
  expect(await retry(under, kept)).toBeUndefined();
});

it('no generated request is allowed without a valid key, crashes a function, or causes a 500', async () => {
  const finding = await runBatch(under, SEED, 0, INPUTS);
  expect(finding).toBeUndefined();
  expect(under.tally.onlyOnce.length, under.tally.onlyOnce.join('\n')).toBeLessThanOrEqual(MAX_ONLY_ONCE);
  expect(under.tally.inputs).toBeGreaterThanOrEqual(TARGETS.length * INPUTS);
  // The cases include valid keys, so an authorizer that rejects everything fails.
  expect(under.tally.answers.get('authorizer allowed')).toBeGreaterThan(5);
  expect(under.tally.answers.get('restricted key allowed')).toBeGreaterThan(5);
  expect(under.tally.answers.get('admin 201')).toBeGreaterThan(0);
  expect(under.tally.answers.get('leaked keys revoked')).toBeGreaterThan(5);
}, 120_000);
