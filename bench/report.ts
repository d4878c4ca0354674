import type { Measurement } from './child.ts';
import { NAMES, type Decisions, type Refusal, type VariantName } from './decisions.ts';
import type { Flatness } from './flatness.ts';
import type { Chart } from './plot.ts';
import { ratio, spread } from './statistics.ts';
import { table, withSpread } from './table.ts';
import type { Throughput } from './throughput.ts';

/** The results of one run. */
export interface Results {
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly plan: object;
  readonly decisions: Decisions;
  /** CPU microseconds per check, one value per round. */
  readonly peerCpu: Record<string, number[]>;
  readonly flatness: readonly Flatness[];
  readonly memory: { readonly decisions: number; readonly rssBytes: number };
  readonly throughput: readonly Throughput[];
}

const DRF = 'djangorestframework-api-key: has_permission';

const cpu = (measured: readonly Measurement[]) => measured.map(({ cpuMicros = NaN }) => cpuMicros);
const coldCpu = (measured: readonly Measurement[]) => measured.map(({ coldCpuMicros }) => coldCpuMicros / 1000);
const coldStart = (measured: readonly Measurement[]) => measured.map(({ coldMicros }) => coldMicros / 1000);

/** Returns the results as text, with the ratios first. */
export function report(results: Results): string {
  const { command, date, machine } = results;
  return [
    `${command}, ${date}, ${machine}`,
    '',
    'Ratios (median of the rounds, with the lowest and highest in parentheses)',
    '',
    ratios(results),
    '',
    'A decision with a read',
    '',
    lookUps(results),
    '',
    'Rejections and peers',
    '',
    refusalsAndPeers(results),
    '',
    'By number of keys',
    '',
    sizes(results),
    '',
    'Through the local gateway, without its cache',
    '',
    load(results),
    '',
    `Memory after ${results.memory.decisions.toLocaleString('en')} decisions: ${(results.memory.rssBytes / 2 ** 20).toFixed(0)} MiB resident, Node itself included.`,
  ].join('\n');
}

function ratios({ decisions: { warm, cold, refused }, peerCpu, flatness }: Results): string {
  const drf = peerCpu[DRF];
  const [small, large] = [flatness[0], flatness.at(-1)];
  const rows: [string, string, string, boolean][] = [];
  const bounded = (name: string, value: ReturnType<typeof spread>, goal: number, unit = '') =>
    rows.push([name, `${withSpread(value, 2)}${unit}`, `≤ ${String(goal)}${unit}`, value.median <= goal]);

  bounded('CPU of an uncached decision / floor', ratio(cpu(warm.authorizer), cpu(warm.floor)), 1.25);
  bounded('CPU of a cold start / floor', ratio(coldCpu(cold.authorizer), coldCpu(cold.floor)), 1.25);
  bounded('time of a cold start / floor', ratio(coldStart(cold.authorizer), coldStart(cold.floor)), 1.25);
  if (drf !== undefined) {
    bounded("CPU of a repeated decision / DRF's check", ratio(cpu(warm.cached), drf), 0.1);
    bounded("CPU of an uncached decision / DRF's check", ratio(cpu(warm.authorizer), drf), Infinity);
  }
  bounded('CPU of rejecting a malformed key', spread(cpu(refused.malformed)), 10, ' µs');
  if (small !== undefined && large !== undefined) {
    const name = `p50 at ${large.size.toLocaleString('en')} keys / at ${small.size.toLocaleString('en')}`;
    bounded(name, ratio(large.decisionP50, small.decisionP50), 1.1);
  }
  return table(
    ['Ratio', 'Measured', 'Goal', 'Reached'],
    rows.map(([name, measured, goal, reached]) =>
      goal.includes('Infinity') ? [name, measured, '', ''] : [name, measured, goal, reached ? 'yes' : 'no'],
    ),
  );
}

function lookUps({ decisions: { warm, cold, bytes } }: Results): string {
  return table(
    ['variant', 'CPU, µs', 'wall p50, µs', 'wall p99, µs', 'cold start, ms', 'CPU of it, ms', 'kB to load'],
    (Object.keys(NAMES) as VariantName[]).map((name) => [
      NAMES[name],
      withSpread(spread(cpu(warm[name]))),
      spread(warm[name].map(({ wallP50Micros = NaN }) => wallP50Micros)).median.toFixed(0),
      spread(warm[name].map(({ wallP99Micros = NaN }) => wallP99Micros)).median.toFixed(0),
      withSpread(spread(coldStart(cold[name])), 1),
      withSpread(spread(coldCpu(cold[name])), 0),
      String(Math.ceil(bytes[name] / 1024)),
    ]),
  );
}

function refusalsAndPeers({ decisions: { refused }, peerCpu }: Results): string {
  const names: Record<Refusal, string> = {
    malformed: 'rejected: malformed, without a read',
    unknown: 'rejected: unknown prefix',
    revoked: 'refused: revoked',
  };
  return table(
    ['check', 'CPU, µs'],
    [
      ...(Object.keys(names) as Refusal[]).map((name) => [names[name], withSpread(spread(cpu(refused[name])), 1)]),
      ...Object.entries(peerCpu).map(([name, values]) => [name, withSpread(spread(values), 1)]),
    ],
  );
}

function sizes({ flatness }: Results): string {
  return table(
    ['keys', 'decision p50, µs', 'page of 50 p50, ms'],
    flatness.map(({ size, decisionP50, listPageP50 }) => [
      size.toLocaleString('en'),
      withSpread(spread(decisionP50)),
      withSpread(spread(listPageP50.map((micros) => micros / 1000)), 1),
    ]),
  );
}

function load({ throughput }: Results): string {
  return table(
    ['at once', 'requests/s', 'p50, ms', 'p99, ms', 'refused'],
    throughput.map(({ connections, requestsPerSecond, p50, p99, refused }) => [
      String(connections),
      requestsPerSecond.toFixed(0),
      String(p50),
      String(p99),
      String(refused),
    ]),
  );
}

export function chartsOf({ decisions: { warm, cold }, peerCpu }: Results): Chart[] {
  const shown: VariantName[] = ['cached', 'floor', 'authorizer', 'onSdk', 'sdk', 'sdkMiddy'];
  const bar = (name: VariantName, values: number[]) => ({
    name: NAMES[name],
    ...spread(values),
    accent: name === 'authorizer' || name === 'cached',
  });
  return [
    {
      title: 'CPU per decision',
      unit: 'µs',
      bars: [
        ...shown.map((name) => bar(name, cpu(warm[name]))),
        ...Object.entries(peerCpu).map(([name, values]) => ({ name, ...spread(values) })),
      ],
    },
    {
      title: 'Cold start: import and first decision',
      unit: 'ms',
      bars: shown.filter((name) => name !== 'cached').map((name) => bar(name, coldStart(cold[name]))),
    },
  ];
}
