import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as it came over the wire. */
interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Counts the connections, from 1. */
  readonly connection: number;
}

/** Answers the request, or does with its connection whatever a broken DynamoDB might. */
export type Behaviour = (response: ServerResponse, socket: Socket) => void;

export interface FakeDynamoDb {
  readonly endpoint: string;
  readonly received: Received[];
  /** Behaves so for the next requests, one after the other, and then like the last for good. */
  next(...behaviours: Behaviour[]): void;
  /** Closes the connections that are open, as a server does with idle ones. */
  closeConnections(): void;
  stop(): void;
}

/**
 * An HTTP server in the place of DynamoDB, for what DynamoDB Local does not do: misbehave, speak TLS, and tell what
 * it was asked.
 *
 * @param tls key and certificate @default plain HTTP
 */
export async function fakeDynamoDb(tls?: { key: string; cert: string }): Promise<FakeDynamoDb> {
  const received: Received[] = [];
  const sockets = new Map<Socket, number>();
  let behaviours: Behaviour[] = [answer({})];
  let connections = 0;

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void text(request).then((body) => {
      const { socket, headers, method = '', url: path = '' } = request;
      received.push({ method, path, headers, body, connection: sockets.get(socket) ?? 0 });
      const behave = behaviours.length > 1 ? behaviours.shift() : behaviours[0];
      behave?.(response, socket);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.set(socket, ++connections);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      resolve(undefined);
    }),
  );
  const { port } = server.address() as AddressInfo;
  const closeConnections = () => {
    for (const socket of sockets.keys()) socket.destroy();
  };
  return {
    endpoint: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}`,
    received,
    next: (...next) => (behaviours = next),
    closeConnections,
    stop: () => {
      closeConnections();
      server.close();
    },
  };
}

/** A good answer. */
export function answer(content: unknown, headers: Record<string, string> = {}): Behaviour {
  return (response) => response.writeHead(200, headers).end(JSON.stringify(content));
}

/**
 * An answer as DynamoDB words its refusals.
 *
 * @param fields what it says beside, or instead of the message
 */
export function refuse(
  status: number,
  type: string,
  headers: Record<string, string> = {},
  fields: object = {},
): Behaviour {
  const content = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: `it is ${type}`, ...fields };
  return (response) => response.writeHead(status, headers).end(JSON.stringify(content));
}
