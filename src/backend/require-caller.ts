import { readCaller, type AuthorizedEvent, type Caller } from './read-caller.ts';

/**
 * Returns the caller, for a middleware that cannot work without one.
 *
 * @param middleware the name of the middleware, for the error
 * @throws {TypeError} if the event did not come through a Latchkey authorizer, or another middleware has replaced it
 */
export function requireCaller<Context extends object>(event: AuthorizedEvent, middleware: string): Caller<Context> {
  if (!isProxyEvent(event))
    throw new TypeError(
      `${middleware}: the event has no requestContext, so it is not an API Gateway event. Put ${middleware}() before any middleware that replaces the event, such as a parser with an envelope.`,
    );
  const caller = readCaller<Context>(event);
  if (caller === undefined)
    throw new TypeError(
      `${middleware}: the route has no Latchkey authorizer. Attach one to it, or remove ${middleware}() from its handler.`,
    );
  return caller;
}

/** Middy doesn't check what another middleware makes of the event. */
function isProxyEvent(event: unknown): event is AuthorizedEvent {
  if (typeof event !== 'object' || event === null || !('requestContext' in event)) return false;
  return typeof event.requestContext === 'object' && event.requestContext !== null;
}
