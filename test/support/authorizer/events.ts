import type { AuthorizerEvent } from '../../../src/authorizer/request.ts';

export const STAGE_ARN = 'arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod';

interface Call {
  /** For example `GET /orders/1` or `$connect`. */
  readonly call?: string;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly sourceIp?: string | undefined;
}

/** The parts of the event types that an authorizer reads, as in the examples of the AWS documentation. */
const asEvent = (event: object) => event as AuthorizerEvent;
const multi = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html */
export function restEvent({ call = 'GET /orders/1', headers = {}, query = {}, sourceIp }: Call): AuthorizerEvent {
  const [httpMethod = '', path = ''] = call.split(' ');
  return asEvent({
    type: 'REQUEST',
    methodArn: `${STAGE_ARN}/${httpMethod}${path}`,
    resource: '/{proxy+}',
    path,
    httpMethod,
    headers,
    multiValueHeaders: multi(headers),
    queryStringParameters: query,
    multiValueQueryStringParameters: multi(query),
    pathParameters: {},
    stageVariables: {},
    requestContext: {
      apiId: 'a1b2c3d4e5',
      httpMethod,
      path,
      stage: 'prod',
      requestId: 'request-1',
      identity: { sourceIp },
    },
  });
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html */
export function httpEvent({ call = 'GET /orders/1', headers = {}, query, sourceIp }: Call): AuthorizerEvent {
  const [method = '', path = ''] = call.split(' ');
  return asEvent({
    version: '2.0',
    type: 'REQUEST',
    routeArn: `${STAGE_ARN}/${method}${path}`,
    identitySource: Object.values(headers),
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    queryStringParameters: query,
    requestContext: { apiId: 'a1b2c3d4e5', http: { method, path, sourceIp }, stage: 'prod', requestId: 'request-1' },
  });
}

/** Payload 1.0, which `httpResponse: 'iam'` uses. It is on the same page. Header names are in lower case. */
export function httpEventV1({ call = 'GET /orders/1', headers = {}, query = {}, sourceIp }: Call): AuthorizerEvent {
  const [httpMethod = '', path = ''] = call.split(' ');
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return asEvent({
    version: '1.0',
    type: 'REQUEST',
    methodArn: `${STAGE_ARN}/${httpMethod}${path}`,
    identitySource: Object.values(headers).join(','),
    resource: '/{proxy+}',
    path,
    httpMethod,
    headers: lowerCase,
    multiValueHeaders: multi(lowerCase),
    queryStringParameters: query,
    multiValueQueryStringParameters: multi(query),
    requestContext: {
      apiId: 'a1b2c3d4e5',
      httpMethod,
      path,
      stage: 'prod',
      requestId: 'request-1',
      identity: { sourceIp },
    },
  });
}

/** Adds a header to an event in the form of its kind of API. Payload 2.0 joins repeated values. */
export function withRepeated(event: AuthorizerEvent, name: string, value: string): AuthorizerEvent {
  const { headers = {}, multiValueHeaders } = event as {
    headers?: Record<string, string>;
    multiValueHeaders?: Record<string, string[]>;
  };
  const known = Object.keys(headers).find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
  if (multiValueHeaders === undefined)
    return asEvent({ ...event, headers: { ...headers, [known]: `${headers[known] ?? ''},${value}` } });
  return asEvent({
    ...event,
    headers: { ...headers, [known]: value },
    multiValueHeaders: { ...multiValueHeaders, [known]: [...(multiValueHeaders[known] ?? []), value] },
  });
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html */
export function webSocketEvent({ headers = {}, query = {}, sourceIp }: Call): AuthorizerEvent {
  return asEvent({
    type: 'REQUEST',
    methodArn: `${STAGE_ARN}/$connect`,
    headers,
    multiValueHeaders: multi(headers),
    queryStringParameters: query,
    multiValueQueryStringParameters: multi(query),
    requestContext: {
      routeKey: '$connect',
      eventType: 'CONNECT',
      connectionId: 'c',
      identity: { sourceIp },
      apiId: 'a1b2c3d4e5',
      requestId: 'request-1',
    },
  });
}
