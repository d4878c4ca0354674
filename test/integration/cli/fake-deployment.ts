import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands in for a deployment's functions: gives the answers that it is told, one a call, and then none. */
export interface FakeDeployment {
  readonly endpoint: string;
  readonly answers: object[];
  /** Waits for a call that gets no answer. */
  leftWaiting(): Promise<unknown>;
  stop(): void;
}

export async function fakeDeployment(): Promise<FakeDeployment> {
  const answers: object[] = [];
  const server = createServer((request, response) => {
    request.resume();
    const answer = answers.shift();
    if (answer === undefined) server.emit('waiting');
    else response.end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    answers,
    leftWaiting: () => once(server, 'waiting'),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
