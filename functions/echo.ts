import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { readCaller } from '../src/backend/read-caller.ts';
import { rateLimit } from '../src/rate-limit/middleware.ts';

/** The sample API: returns the caller from the authorizer's context, within the limits of the key. */
export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
  .use(rateLimit())
  .handler((event) =>
    Promise.resolve({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ method: event.httpMethod, path: event.path, caller: readCaller(event) ?? null }),
    }),
  );
