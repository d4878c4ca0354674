import { request } from '../api/client.ts';
import { problemIn } from '../api/problem.ts';
import type { Session } from './session.ts';

/** The session of a link from `latchkey console`. Its cookie is `HttpOnly`, so scripts can't read it. */
export const linkSession: Session = {
  user: undefined,
  headers: () => Promise.resolve({}),
  expired: () => undefined,
  signOut: undefined,
};

/**
 * Exchanges the token of a link, which works once, for a session. The token is in the fragment, which browsers don't send
 * to servers. It is removed from the address bar first.
 *
 * @throws {Problem} if the token was used before
 */
export async function openLink(): Promise<void> {
  const token = /^#token=(?<token>[\w-]+)$/.exec(location.hash)?.groups?.['token'];
  if (token === undefined) return;
  history.replaceState(null, '', '/');
  const response = await request('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw await problemIn(response);
}
