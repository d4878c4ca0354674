import { readCaller, type AuthorizedEvent } from 'latchkey';
import { heroAttributes } from '../attributes.ts';

interface Event extends AuthorizedEvent {
  readonly resource: string;
}

/** Handles all routes. The authorizers check who may call which. */
export const handler = async (event: Event) => ({ statusCode: 200, body: JSON.stringify(responseTo(event)) });

function responseTo(event: Event): object {
  const caller = readCaller(event);
  switch (event.resource) {
    case '/public':
      return { message: 'Hello, stranger' };
    case '/heroes/me':
      return { hero: caller?.key && heroAttributes.parseStrings(caller.key.metadata).hero };
    default:
      return { by: caller?.authorizedBy, caller: caller?.key?.name ?? caller?.subject };
  }
}
