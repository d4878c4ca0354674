import { ask } from '../api/client.ts';
import { problemIn } from '../api/problem.ts';
import type { Session } from './session.ts';

/**
 * The session of whoever has opened the link that `latchkey console` printed. The browser keeps it in a cookie that no
 * script can read.
 */
export const linkSession: Session = {
  user: undefined,
  headers: () => Promise.resolve({}),
  ended: () => undefined,
  signOut: undefined,
};

/**
 * Exchanges the token of a link, which works once, for a session. It stood in the fragment, which no browser sends
 * to a server; and it is taken out of the address bar before anything else is done.
 *
 * @throws {Problem} if it has been used before
 */
export async function openLink(): Promise<void> {
  const token = /^#token=(?<token>[\w-]+)$/.exec(location.hash)?.groups?.['token'];
  if (token === undefined) return;
  history.replaceState(null, '', '/');
  const response = await ask('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw await problemIn(response);
}
