import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { safeText } from '../../src/core/text/safe-text.ts';
import { SetupError } from '../setup-error.ts';

/** A request as it was sent: the path is neither decoded nor normalized, and header names keep their case. */
export interface GatewayRequest {
  readonly id: string;
  readonly method: string;
  /** Starts with a slash. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface GatewayResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Buffer;
  /** Whether API Gateway itself made the response, rather than a function. @default false */
  readonly byGateway?: boolean;
}

export type RequestHandler = (request: GatewayRequest) => Promise<GatewayResponse>;

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** API Gateway's quotas: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
const MAX_HEAD_BYTES = 10_240;
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Starts an HTTP server on the loopback interface.
 *
 * @param options.port 0 for any free port
 * @param options.flag the command-line flag that sets the port, for the error message
 * @throws {SetupError} if the port is in use
 */
export async function serve(handler: RequestHandler, options: { port: number; flag: string }): Promise<RunningServer> {
  const server = createServer({ maxHeaderSize: MAX_HEAD_BYTES }, (incoming, outgoing) => {
    void respond(handler, incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? busy(options) : error);
    });
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function busy({ port, flag }: { port: number; flag: string }): SetupError {
  return new SetupError(`Port ${String(port)} is in use by another program. Choose another port with ${flag}.`);
}

/** Returns a JSON response of API Gateway itself. */
export function json(status: number, body: object, errorType?: string): GatewayResponse {
  return {
    status,
    headers: [
      ['content-type', 'application/json'],
      ...(errorType === undefined ? [] : [['x-amzn-ErrorType', errorType] as const]),
    ],
    body: JSON.stringify(body),
    byGateway: true,
  };
}

/** Returns all values of a header. Its name is not case-sensitive. */
export function headerValues({ headers }: Pick<GatewayRequest, 'headers'>, name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([one]) => one.toLowerCase() === wanted).map(([, value]) => value);
}

async function respond(handler: RequestHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const id = randomUUID();
  let response: GatewayResponse;
  try {
    response = await handle(handler, incoming, id);
  } catch (error) {
    // A bug in this simulation. Print it, so that it isn't mistaken for a response of the functions.
    console.error(inspect(error).split('\n').map(safeText).join('\n'));
    response = json(500, { message: 'Internal server error' });
  }
  outgoing.statusCode = response.status;
  outgoing.setHeader('x-amzn-RequestId', id);
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  outgoing.end(response.body);
}

async function handle(handler: RequestHandler, incoming: IncomingMessage, id: string): Promise<GatewayResponse> {
  const [path = '', ...query] = (incoming.url ?? '').split('?');
  if (!path.startsWith('/') || !isDecodable(path)) return json(400, { message: 'Bad Request' });
  const body = await buffer(incoming);
  if (body.length > MAX_BODY_BYTES) return json(413, { message: 'Request Too Long' });
  return handler({
    id,
    method: incoming.method ?? '',
    path,
    query: new URLSearchParams(query.join('?')),
    headers: pairs(incoming.rawHeaders),
    body,
    sourceIp: incoming.socket.remoteAddress ?? '',
  });
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []));
}
