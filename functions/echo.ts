import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { callerOf } from './domain/context.ts';

/** The sample API: echoes who called, as the authorizer told it. */
export const handler = (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> =>
  Promise.resolve({
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ method: event.httpMethod, path: event.path, caller: callerOf(event) ?? null }),
  });
