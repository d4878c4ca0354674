import type { AuthorizedEvent } from 'latchkey';
import { readCaller } from 'latchkey/backend';
import { heroAttributes } from '../attributes.ts';

interface Event extends AuthorizedEvent {
  readonly resource: string;
}

/** Answers all routes; who may call which, the authorizers have seen to. */
export const handler = async (event: Event) => ({ statusCode: 200, body: JSON.stringify(answer(event)) });

function answer(event: Event): object {
  switch (event.resource) {
    case '/public':
      return { message: 'Hello, stranger' };
    case '/heroes/me':
      return { hero: heroAttributes.parseContext(event)?.attributes.hero };
    default: {
      const caller = readCaller(event);
      return { by: caller?.authorizedBy, caller: caller?.key?.name ?? caller?.subject };
    }
  }
}
