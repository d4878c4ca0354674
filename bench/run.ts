import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { startDynamoDbLocal } from '../local/dynamodb-local.ts';
import { buildVariants, environmentOf, measureDecisions } from './decisions.ts';
import { restEvent } from './events.ts';
import { measureFlatness } from './flatness.ts';
import { fillTable, type FilledTable } from './keys.ts';
import { peers } from './peers.ts';
import { BUILT, measure } from './process.ts';
import { chartsOf, report, type Results } from './report.ts';
import { plot } from './plot.ts';
import { measureThroughput } from './throughput.ts';

const RESULTS = 'bench/results.json';
const PLOT = 'docs/performance.svg';

const { values: options } = parseArgs({ options: { full: { type: 'boolean', default: false } } });
const plan = options.full
  ? { rounds: 7, warmCalls: 2000, coldStarts: 3, sizes: [1_000, 100_000, 1_000_000], loadSeconds: 10, longRun: 100_000 }
  : { rounds: 3, warmCalls: 1000, coldStarts: 2, sizes: [1_000, 100_000], loadSeconds: 3, longRun: 5_000 };

const say = (sentence: string) => {
  process.stderr.write(`${sentence}\n`);
};

rmSync(BUILT, { recursive: true, force: true });
mkdirSync(BUILT, { recursive: true });
say('Building the variants and installing the peers');
const variants = await buildVariants();
const others = await peers(say);
const dynamodb = await startDynamoDbLocal();
try {
  const tables: FilledTable[] = [];
  for (const size of plan.sizes) {
    say(`Filling a table with ${size.toLocaleString('en')} keys`);
    tables.push(await fillTable(dynamodb.endpoint, size));
  }
  const [smallest] = tables;
  if (smallest === undefined) throw new Error('no table to measure on');

  const decisions = await measureDecisions(variants, dynamodb.endpoint, smallest, plan, say);
  const peerCpu: Results['peerCpu'] = {};
  for (let round = 0; round < plan.rounds; round++)
    for (const peer of others) (peerCpu[peer.name] ??= []).push(await peer.measure(plan.warmCalls));
  say('Measuring by number of keys');
  const flatness = await measureFlatness(variants.authorizer, dynamodb.endpoint, tables, plan);
  say(`Measuring memory after ${plan.longRun.toLocaleString('en')} decisions`);
  const long = await measure(
    variants.authorizer,
    { events: smallest.samples.map(restEvent), warmCalls: plan.longRun },
    environmentOf(dynamodb.endpoint, smallest.tableName),
  );
  say('Measuring throughput through the local gateway');
  const throughput = await measureThroughput(dynamodb.endpoint, plan.loadSeconds);

  const results: Results = {
    command: `npm run bench${options.full ? ' -- --full' : ''}`,
    date: new Date().toISOString().slice(0, 10),
    machine: `${String(cpus().length)} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, DynamoDB Local in memory`,
    plan,
    decisions,
    peerCpu,
    flatness,
    memory: { decisions: plan.longRun, rssBytes: long.rssBytes },
    throughput,
  };
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(PLOT, plot(chartsOf(results)));
  console.log(report(results));
  say(`\nAll results: ${RESULTS}. Chart: ${PLOT}`);
} finally {
  await dynamodb.stop();
}
