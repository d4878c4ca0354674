import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface BundleRun {
  /** The bundle's entry. */
  readonly bundle: string;
  readonly events: readonly object[];
  readonly environment: Record<string, string>;
  /** Called for each response before the runtime API acknowledges it. The next event waits for it. */
  readonly onAnswer?: (runtime: ChildProcess) => unknown;
  /** Called with the function's whole output after the last response. */
  readonly onOutput?: (output: string) => void;
}

/** Runs a built function in its own process until the test finishes. Resolves with its responses to all events. */
export async function runBundle({ bundle, events, environment, onAnswer, onOutput }: BundleRun): Promise<unknown[]> {
  const answers: unknown[] = [];
  const runtimeApi = createServer((request, response) => {
    void text(request).then(async (body) => {
      answers.push(JSON.parse(body));
      await onAnswer?.(runtime);
      response.end();
      if (answers.length === events.length) server.emit('all answered');
    });
  });
  const server = runtimeApi.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const runtime = spawn(
    process.execPath,
    ['test/integration/bundles/runtime.ts', bundle, url, ...events.map((event) => JSON.stringify(event))],
    { env: { AWS_REGION: 'us-east-1', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void runtime.kill('SIGKILL'));
  let output = '';
  runtime.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const died = text(runtime.stderr).then((said) => {
    throw new Error(`the runtime ended: ${said}`);
  });
  await Promise.race([once(server, 'all answered'), died]);
  died.catch(() => undefined);
  server.closeAllConnections();
  server.close();
  onOutput?.(output);
  return answers;
}
