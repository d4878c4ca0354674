import { callerOf, type AuthorizedEvent } from 'latchkey';

export const handler = async (event: AuthorizedEvent) => ({
  statusCode: 200,
  body: JSON.stringify({ caller: callerOf(event)?.name }),
});
