import { pathToFileURL } from 'node:url';

/** Measurements of one handler in a separate process. Times in microseconds. */
export interface Measurement {
  /** Import and first call. */
  readonly coldMicros: number;
  readonly importMicros: number;
  readonly coldCpuMicros: number;
  /** Per call, after warming up. Missing without warm calls. */
  readonly cpuMicros?: number;
  readonly wallP50Micros?: number;
  readonly wallP99Micros?: number;
  readonly rssBytes: number;
}

/** The input of the process. */
export interface Task {
  readonly bundle: string;
  /** Used in turn. */
  readonly events: readonly object[];
  readonly warmCalls: number;
}

/** Enough calls for V8 to compile hot code. */
const WARM_UP = 2000;

type Handler = (event: object, context: object) => Promise<unknown>;

process.once('message', (task: Task) => {
  void measure(task).then((measurement) => {
    process.send?.(measurement, () => process.exit());
  });
});

async function measure({ bundle, events, warmCalls }: Task): Promise<Measurement> {
  const url = pathToFileURL(bundle).href;
  const coldCpu = process.cpuUsage();
  const start = performance.now();
  const { handler } = (await import(url)) as { handler: Handler };
  const imported = performance.now();
  const call = (index: number) =>
    // A rejection is a valid outcome.
    handler(events[index % events.length] ?? {}, {}).catch((error: unknown) => error);
  await call(0);
  const answered = performance.now();
  const cold = {
    coldMicros: (answered - start) * 1000,
    importMicros: (imported - start) * 1000,
    coldCpuMicros: total(process.cpuUsage(coldCpu)),
  };
  if (warmCalls === 0) return { ...cold, rssBytes: process.memoryUsage.rss() };

  for (let index = 0; index < Math.max(WARM_UP, warmCalls / 2); index++) await call(index);
  const walls = new Float64Array(warmCalls);
  const warmCpu = process.cpuUsage();
  for (let index = 0; index < warmCalls; index++) {
    const before = performance.now();
    await call(index);
    walls[index] = performance.now() - before;
  }
  const cpuMicros = total(process.cpuUsage(warmCpu)) / warmCalls;
  walls.sort();
  const at = (quantile: number) => (walls[Math.floor(quantile * (warmCalls - 1))] ?? NaN) * 1000;
  return {
    ...cold,
    cpuMicros,
    wallP50Micros: at(0.5),
    wallP99Micros: at(0.99),
    rssBytes: process.memoryUsage.rss(),
  };
}

function total({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}
