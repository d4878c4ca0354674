/**
 * Fuzzes the built functions: `npm run fuzz -- [--minutes 5] [--seed 1] [--from 0]`.
 *
 * It stops at the first fault, prints the seed and the smallest input that reproduces it, and adds that input to
 * test/system/fuzz/corpus, which `npm test` runs. A failure that the same input doesn't reproduce is counted and printed. More
 * than a few of those are a fault too.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { documentClient } from '../../../src/storage/client.ts';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import { createLimitsTable, createTable, createUsageTable } from '../../../local/create-table.ts';
import { startDynamoDbLocal } from '../../../local/dynamodb-local.ts';
import { keep, keptCases, MAX_ONLY_ONCE, retry, runBatch } from './campaign.ts';
import { targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
  },
});
const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
const deadline = performance.now() + Number(values.minutes) * 60_000;

const dynamodb = await startDynamoDbLocal();
const connection = { endpoint: dynamodb.endpoint, region: REGION, credentials: CREDENTIALS };
const tables = new DynamoDBClient(connection);
const made = async (create: typeof createTable) => {
  const name = `fuzz-${randomUUID()}`;
  await create(tables, name);
  return name;
};
const under = await targets({
  endpoint: dynamodb.endpoint,
  // Long timeouts, so that a busy machine causes no findings.
  client: documentClient({ ...connection, requestHandler: { requestTimeout: 30_000 } }),
  authorizerTable: await made(createTable),
  adminTable: await made(createTable),
  leaksTable: await made(createTable),
  limitsTable: await made(createLimitsTable),
  usageTable: await made(createUsageTable),
});

let peakRss = 0;
const progress = (batch: number) => {
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
  const { inputs, calls, slowestMs } = under.tally;
  return `${inputs.toLocaleString('en')} inputs, ${calls.toLocaleString('en')} calls, slowest ${slowestMs.toFixed(0)} ms, memory at most ${(peakRss / 2 ** 20).toFixed(0)} MB; go on with --seed ${String(seed)} --from ${String(batch)}`;
};
try {
  for (const { file, kept } of keptCases()) {
    const fault = await retry(under, kept);
    if (fault === undefined) continue;
    console.error(`${file}: ${fault}`);
    process.exitCode = 1;
  }
  let batch = Number(values.from);
  while (process.exitCode === undefined && performance.now() < deadline) {
    const finding = await runBatch(under, seed, batch++);
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${progress(batch)}`);
    else if (batch % 20 === 0) process.stderr.write(`${progress(batch)}\n`);
    if (under.tally.onlyOnce.length > MAX_ONLY_ONCE) process.exitCode = 1;
    if (finding === undefined) continue;
    console.error(`\n${finding.fault}\n${JSON.stringify(finding.kept.case).slice(0, 2000)}`);
    console.error(`--seed ${String(seed)} --from ${String(batch - 1)}; kept as ${keep(finding.kept)}`);
    process.exitCode = 1;
  }
  console.log(`\n${progress(batch)}`);
  console.log(`answers: ${[...under.tally.answers].map(([kind, count]) => `${kind} ${String(count)}`).join(', ')}`);
  console.log(`slowest: ${under.tally.slowest}`);
  const { onlyOnce } = under.tally;
  console.log(
    `faults that a second try did not show: ${String(onlyOnce.length)}, at most ${String(MAX_ONLY_ONCE)} are taken`,
  );
  for (const fault of onlyOnce) console.log(fault);
} finally {
  await under.stop();
  await dynamodb.stop();
}
