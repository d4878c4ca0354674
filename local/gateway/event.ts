import type { APIGatewayEventIdentity } from 'aws-lambda';
import { ACCOUNT, REGION, STAGE } from '../account.ts';
import { headerValues, type GatewayRequest } from './http.ts';
import type { RouteMatch } from './route.ts';

/** The Lambda events of a REST API. See https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */

/** Returns the ARN of a request, as IAM policies have it. It contains the path as it was sent. */
function methodArn(apiId: string, { method, path }: GatewayRequest): string {
  return `arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiId}/${STAGE}/${method}${path}`;
}

/** Returns the event of a REQUEST authorizer. */
export function authorizerEvent(apiId: string, request: GatewayRequest, match: RouteMatch) {
  return {
    type: 'REQUEST' as const,
    methodArn: methodArn(apiId, request),
    ...requestParts(request, match),
    requestContext: requestContext(apiId, request, match),
  };
}

export interface Caller {
  readonly authorizer?: Readonly<Record<string, string>> | undefined;
  readonly identity?: Partial<APIGatewayEventIdentity> | undefined;
}

/** Returns the event of a Lambda proxy integration. */
export function proxyEvent(apiId: string, request: GatewayRequest, match: RouteMatch, caller: Caller) {
  const context = requestContext(apiId, request, match);
  return {
    ...requestParts(request, match),
    requestContext: {
      ...context,
      authorizer: caller.authorizer ?? null,
      identity: { ...context.identity, ...caller.identity },
    },
    body: request.body.length === 0 ? null : request.body.toString(),
    isBase64Encoded: false,
  };
}

function requestParts({ method, path, headers, query }: GatewayRequest, { route, parameters }: RouteMatch) {
  return {
    resource: route.path,
    path,
    httpMethod: method,
    headers: lastValues(headers),
    multiValueHeaders: allValues(headers),
    queryStringParameters: lastValues([...query]),
    multiValueQueryStringParameters: allValues([...query]),
    pathParameters: orNull(parameters),
    stageVariables: null,
  };
}

type Pairs = readonly (readonly [name: string, value: string])[];

function lastValues(pairs: Pairs) {
  return orNull(Object.fromEntries(pairs));
}

function allValues(pairs: Pairs) {
  const values = (wanted: string) => pairs.filter(([name]) => name === wanted).map(([, value]) => value);
  return orNull(Object.fromEntries(pairs.map(([name]) => [name, values(name)])));
}

function orNull<Values extends object>(values: Values): Values | null {
  return Object.keys(values).length === 0 ? null : values;
}

function requestContext(apiId: string, request: GatewayRequest, { route }: RouteMatch) {
  const [host = null] = headerValues(request, 'host');
  const [userAgent = null] = headerValues(request, 'user-agent');
  return {
    accountId: ACCOUNT,
    apiId,
    domainName: host,
    httpMethod: request.method,
    identity: { sourceIp: request.sourceIp, userAgent, accessKey: null, accountId: null, userArn: null },
    path: request.path,
    protocol: 'HTTP/1.1',
    requestId: request.id,
    requestTimeEpoch: Date.now(),
    resourceId: route.path,
    resourcePath: route.path,
    stage: STAGE,
  };
}
