import { callerOf, type AuthorizedEvent } from 'latchkey';

/** Asked when a connection is opened, and for every message on it: each event says who is calling. */
export const handler = async (event: AuthorizedEvent) => {
  console.log(`${callerOf(event)?.name} is here`);
  return { statusCode: 200 };
};
