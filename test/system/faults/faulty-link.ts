import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Behaviour } from '../../support/storage/fast-reader/fake-dynamodb.ts';

export interface FaultyLink {
  readonly endpoint: string;
  /** Applies a fault to every request from now on, or only to requests whose body matches. */
  break(behaviour: Behaviour, only?: (body: string) => boolean): void;
  /** Closes the port and all connections. */
  close(): Promise<void>;
  /** Forwards every request unchanged from now on. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/** A proxy between a function and DynamoDB Local that injects faults. */
export async function faultyLink(target: string): Promise<FaultyLink> {
  let fault: Behaviour | undefined;
  let isHit = (_body: string) => true;
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void text(request).then(
      async (body) => {
        if (fault !== undefined && isHit(body)) {
          fault(response, request.socket);
          return;
        }
        const headers = Object.entries(request.headers).filter(
          ([name]) => !/^(?:host|content-length|connection)$/.test(name),
        );
        const answer = await fetch(target, { method: 'POST', headers: headers as [string, string][], body });
        response.writeHead(answer.status).end(await answer.text());
      },
      () => undefined,
    );
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => {
        resolve();
      });
    });
  return {
    endpoint: `http://127.0.0.1:${String(port)}`,
    break: (behaviour, only = () => true) => {
      fault = behaviour;
      isHit = only;
    },
    close,
    heal: async () => {
      fault = undefined;
      if (!server.listening) await listen(port);
    },
    stop: close,
  };
}
