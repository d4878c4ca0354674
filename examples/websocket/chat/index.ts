import { readCaller, type AuthorizedEvent } from 'latchkey';

/** Runs when a connection opens, and for every message on it. Each event contains the caller. */
export const handler = async (event: AuthorizedEvent) => {
  console.log(`${readCaller(event)?.key?.name} is here`);
  return { statusCode: 200 };
};
