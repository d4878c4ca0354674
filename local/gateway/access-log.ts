import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { AccessLogLine } from '../../src/gateway/access-log.ts';
import { ACCOUNT } from '../account.ts';
import type { Log } from '../lambda/environment.ts';
import type { LocalFunction } from '../lambda/local-function.ts';
import type { GatewayRequest } from './http.ts';
import type { RouteMatch } from './route.ts';

/** CloudWatch Logs delivers log lines within seconds. */
const DELIVERY_MS = 500;

export interface AccessDetails {
  readonly status: number;
  /** When the request arrived, in milliseconds since the epoch. */
  readonly start: number;
  /** The authorizer's context, if it returned one. */
  readonly caller?: Readonly<Record<string, string>> | undefined;
}

/** The access log of the sample API's stage, with a CloudWatch Logs subscription that sends it to the usage aggregator. */
export class AccessLog {
  readonly #aggregator: LocalFunction;
  readonly #log: Log;
  #lines: { id: string; timestamp: number; message: string }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(aggregator: LocalFunction, log: Log) {
    this.#aggregator = aggregator;
    this.#log = log;
  }

  write(request: GatewayRequest, { route }: RouteMatch, { status, start, caller = {} }: AccessDetails): void {
    const line: AccessLogLine = {
      requestId: request.id,
      time: String(start),
      ip: request.sourceIp,
      keyId: caller['keyId'] ?? '-',
      status: String(status),
      latencyMs: String(Date.now() - start),
      route: `${request.method} ${route.path}`,
      error: '-',
    };
    const message = JSON.stringify(line);
    this.#log('access-log', message);
    this.#lines.push({ id: randomUUID(), timestamp: start, message });
    this.#timer ??= setTimeout(() => void this.#deliver(), DELIVERY_MS);
  }

  stop(): Promise<void> {
    clearTimeout(this.#timer);
    return Promise.resolve();
  }

  async #deliver(): Promise<void> {
    this.#timer = undefined;
    const logEvents = this.#lines;
    this.#lines = [];
    const data = gzipSync(
      JSON.stringify({
        messageType: 'DATA_MESSAGE',
        owner: ACCOUNT,
        logGroup: 'access-log',
        logStream: 'local',
        subscriptionFilters: ['latchkey-usage'],
        logEvents,
      }),
    ).toString('base64');
    await this.#aggregator.invoke(JSON.stringify({ awslogs: { data } }));
  }
}
