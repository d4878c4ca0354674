import { readCaller, type AuthorizedEvent } from '../../../../src/backend/read-caller.ts';

/** Returns the caller, behind any kind of API. */
export const handler = (event: AuthorizedEvent) =>
  Promise.resolve({
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ caller: readCaller(event) ?? null, requestContext: event.requestContext }),
  });
