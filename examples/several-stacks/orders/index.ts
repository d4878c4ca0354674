import { readCaller, type AuthorizedEvent } from 'latchkey';

export const handler = async (event: AuthorizedEvent) => ({
  statusCode: 200,
  body: JSON.stringify({ caller: readCaller(event)?.key?.name }),
});
