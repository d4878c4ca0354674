import { callerOf, type AuthorizedEvent } from '../../../../src/gateway/context.ts';

/** Returns the caller, behind any kind of API. */
export const handler = (event: AuthorizedEvent) =>
  Promise.resolve({
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ caller: callerOf(event) ?? null, requestContext: event.requestContext }),
  });
