import type { APIGatewayRequestAuthorizerEvent, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import type { CredentialParts } from '../gateway/credential.ts';
import { parseRouteArn, type RouteArn } from '../core/scopes/policy.ts';

/** The event of a REQUEST authorizer: REST API, WebSocket API, or HTTP API with payload 1.0 or 2.0. */
export type AuthorizerEvent = APIGatewayRequestAuthorizerEvent | APIGatewayRequestAuthorizerEventV2;

/** The parts of a request that the authorizer needs, the same for every kind of API. */
export interface AuthorizerRequest {
  readonly route: RouteArn;
  readonly credentialParts: CredentialParts;
  /** Whether API Gateway accepts the simple response: only HTTP APIs with payload 2.0 can. */
  readonly acceptsSimpleResponse: boolean;
  /**
   * Whether API Gateway returns 401 if the authorizer fails with `Unauthorized`. AWS documents it for REST and WebSocket
   * APIs only, so requests to HTTP APIs are denied with 403.
   */
  readonly supportsUnauthorized: boolean;
  readonly requestId: string;
  readonly sourceIp: string | undefined;
}

/**
 * Reads the event of a REQUEST authorizer of any kind of API.
 *
 * @throws {TypeError} if it is another event: a wiring mistake, which no request can cause
 */
export function readRequest(event: AuthorizerEvent): AuthorizerRequest {
  rejectOtherEvents(event);
  const arn = isV2(event) ? event.routeArn : event.methodArn;
  const route = typeof arn === 'string' ? parseRouteArn(arn) : undefined;
  if (route === undefined) throw new TypeError(`The ARN of the call is missing or invalid. ${ATTACH}`);
  return {
    route,
    credentialParts: {
      headers: isV2(event)
        ? [...pairs(undefined, event.headers), ...cookieHeader(event)]
        : pairs(event.multiValueHeaders, event.headers),
      query: pairs(isV2(event) ? undefined : event.multiValueQueryStringParameters, event.queryStringParameters),
    },
    acceptsSimpleResponse: isV2(event),
    // Only events of HTTP APIs have a version, also with payload 1.0.
    supportsUnauthorized: !('version' in event),
    requestId: event.requestContext.requestId,
    sourceIp: sourceIpOf(isV2(event) ? event.requestContext.http : event.requestContext.identity),
  };
}

const ATTACH =
  'This function is a REQUEST authorizer of API Gateway. Attach this authorizer with type REQUEST, for example with restAuthorizer() of the construct ApiKeys.';

/** The event of a TOKEN authorizer has the value of one header, and not the request. */
function rejectOtherEvents(event: unknown): void {
  const { type, requestContext }: Record<string, unknown> = { ...(event as object | null | undefined) };
  if (type === 'TOKEN') throw new TypeError(`The event is of type TOKEN. ${ATTACH}`);
  if (typeof requestContext !== 'object' || requestContext === null)
    throw new TypeError(`The event has no request context. ${ATTACH}`);
}

function sourceIpOf(caller: { readonly sourceIp?: string } | undefined): string | undefined {
  return caller?.sourceIp;
}

/** Payload 2.0 lists cookies separately from the headers. */
function cookieHeader({ cookies, headers }: Partial<APIGatewayRequestAuthorizerEventV2>): [string, string][] {
  return cookies === undefined || headers?.['cookie'] !== undefined ? [] : [['cookie', cookies.join('; ')]];
}

function isV2(event: AuthorizerEvent): event is APIGatewayRequestAuthorizerEventV2 {
  return 'version' in event && event.version === '2.0';
}

type Values = Readonly<Record<string, string | undefined>> | null | undefined;
type MultiValues = Readonly<Record<string, string[] | undefined>> | null | undefined;

/** Reads both forms, and a value that is in both once. REST events have both forms; WebSocket events sometimes have one. */
function pairs(multi: MultiValues, single: Values): (readonly [string, string])[] {
  const all: (readonly [string, string])[] = [];
  for (const name in multi) for (const value of multi[name] ?? []) all.push([name, value]);
  for (const name in single) {
    const value = single[name] ?? '';
    if (multi?.[name]?.includes(value) !== true) all.push([name, value]);
  }
  return all;
}
