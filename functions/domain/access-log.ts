import { isKeyId } from './key-id.ts';
import type { EpochMs } from './record.ts';

/**
 * The lines of an API's access log, from which usage is counted: API Gateway fills in the variables. The route
 * stands in for the path: what clients put in paths, query strings and bodies is never written, for it may be a key.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
const COMMON = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  keyId: '$context.authorizer.keyId',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  error: '$context.error.responseType',
} as const;

export const REST_ACCESS_LOG = {
  ...COMMON,
  route: '$context.httpMethod $context.resourcePath',
} as const;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
export const HTTP_ACCESS_LOG = {
  ...COMMON,
  route: '$context.routeKey',
} as const;

/** A line as API Gateway writes it: texts, `-` where there is nothing. */
export type AccessLogLine = Record<keyof typeof REST_ACCESS_LOG, string>;

/** One request with a key, as usage counts it. */
export interface Access {
  readonly keyId: string;
  readonly route: string;
  readonly time: EpochMs;
  readonly status: number;
  readonly latencyMs: number;
}

/** Reads a line, or answers `undefined` for one that is not about a key. */
export function parseAccess(line: string): Access | undefined {
  const entry = parseObject(line);
  const { keyId, route } = entry;
  if (typeof keyId !== 'string' || typeof route !== 'string' || !isKeyId(keyId)) return undefined;
  const [time, status, latencyMs] = [entry['time'], entry['status'], entry['latencyMs']].map(Number);
  if (!isCount(time) || !isCount(status)) return undefined;
  return {
    keyId,
    route: route.slice(0, MAX_ROUTE_CHARACTERS),
    time,
    status,
    latencyMs: isCount(latencyMs) ? latencyMs : 0,
  };
}

/** A route is part of a sort key, which takes 1 024 bytes. */
const MAX_ROUTE_CHARACTERS = 250;

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value) && (value ?? -1) >= 0;
}

function parseObject(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
