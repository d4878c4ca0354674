import { isKeyId } from '../core/keys/key-id.ts';
import type { EpochMs } from '../core/keys/record.ts';

/**
 * The format of the access log that usage is counted from. API Gateway replaces the variables. It has the route instead of the
 * path: paths, query strings and bodies are never logged, because they can contain keys.
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

/** The format for REST APIs. */
export const REST_ACCESS_LOG = {
  ...COMMON,
  route: '$context.httpMethod $context.resourcePath',
} as const;

/**
 * The format for HTTP APIs.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
export const HTTP_ACCESS_LOG = {
  ...COMMON,
  route: '$context.routeKey',
} as const;

/** A line as API Gateway writes it: strings, `-` for a missing value. */
export type AccessLogLine = Record<keyof typeof REST_ACCESS_LOG, string>;

/** One request with a key, as usage counts it. */
export interface Access {
  readonly keyId: string;
  readonly route: string;
  readonly time: EpochMs;
  readonly status: number;
  readonly latencyMs: number;
}

/** What API Gateway writes for a variable that has no value. */
const NO_VALUE = '-';

/** The longest route that is stored, in UTF-16 code units. A route is part of a sort key, which takes 1,024 bytes. */
const MAX_ROUTE_LENGTH = 250;

/** Milliseconds since the epoch, from 2001 to 2286. API Gateway writes no shorter or longer times. */
const TIME = /^\d{13}$/;
const STATUS = /^[1-5]\d\d$/;
/** In milliseconds, up to 11 days. */
const LATENCY = /^\d{1,9}$/;

/**
 * Reads one line of an access log.
 *
 * @returns the request; `no key` if the request had none; `unreadable` if the line isn't one that API Gateway writes in
 * the format above. An unreadable line is never counted in part.
 */
export function parseAccess(line: string): Access | 'no key' | 'unreadable' {
  const { keyId, route, time, status, latencyMs } = parseObject(line);
  if (keyId === NO_VALUE) return 'no key';
  if (typeof keyId !== 'string' || !isKeyId(keyId)) return 'unreadable';
  if (typeof route !== 'string' || route === '' || route === NO_VALUE) return 'unreadable';
  if (!matches(TIME, time) || !matches(STATUS, status)) return 'unreadable';
  if (latencyMs !== NO_VALUE && !matches(LATENCY, latencyMs)) return 'unreadable';
  return {
    keyId,
    route: route.slice(0, MAX_ROUTE_LENGTH).toWellFormed(),
    time: Number(time),
    status: Number(status),
    latencyMs: latencyMs === NO_VALUE ? 0 : Number(latencyMs),
  };
}

function matches(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function parseObject(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
