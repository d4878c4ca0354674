import type { Session } from '../session/session.ts';
import { NO_ANSWER, Problem, problemIn } from './problem.ts';

/** Calls the API of whoever serves the console. */
export interface Client {
  /** @throws {Problem} */
  get<Answer>(path: string, query?: Readonly<Record<string, string | number | undefined>>): Promise<Answer>;
  /** @throws {Problem} */
  send<Answer>(method: 'POST' | 'PATCH', path: string, body: object): Promise<Answer>;
}

export function clientOf(session: Session): Client {
  const call = async <Answer>(path: string, init: RequestInit): Promise<Answer> => {
    const headers = { ...(await session.headers()), ...(init.body ? { 'content-type': 'application/json' } : {}) };
    const response = await ask(path, { ...init, headers });
    if (!response.ok) {
      const problem = await problemIn(response);
      if (response.status === 401) session.ended();
      throw problem;
    }
    // The server's own types: the console is built from the same sources.
    return (await response.json()) as Answer;
  };
  return {
    get: (path, query = {}) => {
      const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
        value === undefined || value === '' ? [] : [[name, String(value)]],
      );
      const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
      return call(`${path}${search}`, { method: 'GET' });
    },
    send: (method, path, body) => call(path, { method, body: JSON.stringify(body) }),
  };
}

/** @throws {Problem} if there is no answer at all */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(`/api${path}`, { ...init, cache: 'no-store', redirect: 'error' });
  } catch {
    throw new Problem(NO_ANSWER, 'The server of this console does not answer.');
  }
}
