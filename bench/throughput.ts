import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { createDemoKey } from '../local/demo-keys.ts';
import { startLocal } from '../local/server.ts';

/** The throughput of the local gateway with this number of concurrent requests. Times in milliseconds. */
export interface Throughput {
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly refused: number;
}

/** The part of autocannon's output that is used. */
interface LoadReport {
  readonly requests: { readonly average: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
}

/** Every request calls the authorizer, because the gateway's cache is off. */
export async function measureThroughput(endpoint: string, seconds: number): Promise<Throughput[]> {
  const autocannon = createRequire(import.meta.url).resolve('autocannon');
  const local = await startLocal({
    port: 0,
    adminPort: 0,
    dynamodbEndpoint: endpoint,
    table: 'keys-gateway',
    cacheTtlSeconds: 0,
  });
  try {
    const { key } = await createDemoKey(local, { name: 'bench' });
    const found: Throughput[] = [];
    for (const connections of [1, 16, 64]) {
      const load = ['--json', '--connections', String(connections), '--duration', String(seconds)];
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...[autocannon, ...load, '--warmup', '[', '-c', String(connections), '-d', '2', ']'],
        ...['--headers', `x-api-key=${key}`, `${local.apiUrl}/orders`],
      ]);
      const { requests, latency, non2xx, errors } = JSON.parse(lastLine(stdout)) as LoadReport;
      found.push({
        connections,
        requestsPerSecond: requests.average,
        p50: latency.p50,
        p99: latency.p99,
        refused: non2xx + errors,
      });
    }
    return found;
  } finally {
    await local.stop();
  }
}

/** The first line is the result of the warm-up. */
function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
