import type { APIGatewayRequestAuthorizerEvent, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import type { CredentialParts } from '../domain/credential.ts';
import { parseRouteArn, type RouteArn } from '../domain/policy.ts';

/** The event of a REQUEST authorizer: REST API, WebSocket API, or HTTP API with payload 1.0 or 2.0. */
export type AuthorizerEvent = APIGatewayRequestAuthorizerEvent | APIGatewayRequestAuthorizerEventV2;

/** What the authorizer needs to know of a request, whichever kind of API it came through. */
export interface AuthorizerRequest {
  readonly route: RouteArn;
  readonly credentialParts: CredentialParts;
  /** Only an HTTP API with payload 2.0 can take the simple response. */
  readonly takesSimpleResponse: boolean;
  readonly requestId: string;
  readonly sourceIp: string | undefined;
}

/**
 * Reads the event of any kind of API.
 *
 * @throws {TypeError} if it is not the event of a REQUEST authorizer: a wiring fault, which nobody's request can cause
 */
export function readRequest(event: AuthorizerEvent): AuthorizerRequest {
  const arn = isV2(event) ? event.routeArn : event.methodArn;
  const route = typeof arn === 'string' ? parseRouteArn(arn) : undefined;
  if (route === undefined)
    throw new TypeError('not the event of a REQUEST authorizer: attach this function with type REQUEST');
  return {
    route,
    credentialParts: {
      headers: isV2(event)
        ? [...pairs(undefined, event.headers), ...cookieHeader(event)]
        : pairs(event.multiValueHeaders, event.headers),
      query: pairs(isV2(event) ? undefined : event.multiValueQueryStringParameters, event.queryStringParameters),
    },
    takesSimpleResponse: isV2(event),
    requestId: event.requestContext.requestId,
    sourceIp: sourceIpOf(isV2(event) ? event.requestContext.http : event.requestContext.identity),
  };
}

function sourceIpOf(caller: { readonly sourceIp?: string } | undefined): string | undefined {
  return caller?.sourceIp;
}

/** Payload 2.0 has cookies apart from the headers. */
function cookieHeader({ cookies, headers }: Partial<APIGatewayRequestAuthorizerEventV2>): [string, string][] {
  return cookies === undefined || headers?.['cookie'] !== undefined ? [] : [['cookie', cookies.join('; ')]];
}

function isV2(event: AuthorizerEvent): event is APIGatewayRequestAuthorizerEventV2 {
  return 'version' in event && event.version === '2.0';
}

type Values = Readonly<Record<string, string | undefined>> | null | undefined;
type MultiValues = Readonly<Record<string, string[] | undefined>> | null | undefined;

/** Both forms are read: REST events carry both, WebSocket ones sometimes only one. */
function pairs(multi: MultiValues, single: Values): (readonly [string, string])[] {
  const all: (readonly [string, string])[] = [];
  for (const name in multi) for (const value of multi[name] ?? []) all.push([name, value]);
  for (const name in single) {
    const value = single[name] ?? '';
    if (multi?.[name]?.includes(value) !== true) all.push([name, value]);
  }
  return all;
}
