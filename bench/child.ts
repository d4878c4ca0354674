import { pathToFileURL } from 'node:url';

/** What a process of its own measures of one handler. Times in microseconds. */
export interface Measurement {
  /** Import and first call. */
  readonly coldMicros: number;
  readonly importMicros: number;
  readonly coldCpuMicros: number;
  /** Per call, after warming up; absent if no warm calls were asked for. */
  readonly cpuMicros?: number;
  readonly wallP50Micros?: number;
  readonly wallP99Micros?: number;
  readonly rssBytes: number;
}

/** What the process is told. */
export interface Task {
  readonly bundle: string;
  /** Taken in turn. */
  readonly events: readonly object[];
  readonly warmCalls: number;
}

/** Enough for V8 to have compiled what is called often. */
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
    // A refusal is an outcome like any other.
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
