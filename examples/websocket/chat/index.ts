import { readCaller, type AuthorizedEvent } from 'latchkey';

/** Asked when a connection is opened, and for every message on it: each event says who is calling. */
export const handler = async (event: AuthorizedEvent) => {
  console.log(`${readCaller(event)?.key?.name} is here`);
  return { statusCode: 200 };
};
