import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Simulates a deployment: returns one of the given responses per call, and then does not respond. */
export interface FakeDeployment {
  readonly endpoint: string;
  readonly responses: object[];
  /** Waits for a call that gets no response. */
  leftWaiting(): Promise<unknown>;
  stop(): void;
}

export async function fakeDeployment(): Promise<FakeDeployment> {
  const responses: object[] = [];
  const server = createServer((request, response) => {
    request.resume();
    const next = responses.shift();
    if (next === undefined) server.emit('waiting');
    else response.end(JSON.stringify(next));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    responses,
    leftWaiting: () => once(server, 'waiting'),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
