import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A received request. */
interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The number of the connection, from 1. */
  readonly connection: number;
}

/** Responds to a request, or breaks its connection like a faulty DynamoDB. */
export type Behaviour = (response: ServerResponse, socket: Socket) => void;

export interface FakeDynamoDb {
  readonly endpoint: string;
  readonly received: Received[];
  /** Sets the behavior of the next requests, in order. The last one also applies to all later requests. */
  next(...behaviours: Behaviour[]): void;
  /** Closes the open connections, as a server does with idle ones. */
  closeConnections(): void;
  stop(): void;
}

/**
 * A fake DynamoDB server for what DynamoDB Local doesn't do: it can fail, use TLS, and report its requests.
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

/** A successful response. */
export function answer(content: unknown, headers: Record<string, string> = {}): Behaviour {
  return (response) => response.writeHead(200, headers).end(JSON.stringify(content));
}

/**
 * An error response of DynamoDB.
 *
 * @param fields fields in addition to, or instead of, the message
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
