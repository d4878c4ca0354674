import type { Session } from '../session/session.ts';
import { NO_CONNECTION, Problem, problemIn } from './problem.ts';

/** Calls the API of the server that serves the console. */
export interface Client {
  /** @throws {Problem} */
  get<Result>(path: string, query?: Readonly<Record<string, string | number | undefined>>): Promise<Result>;
  /** @throws {Problem} */
  send<Result>(method: 'POST' | 'PATCH', path: string, body: object): Promise<Result>;
}

export function clientOf(session: Session): Client {
  const call = async <Result>(path: string, init: RequestInit): Promise<Result> => {
    const headers = { ...(await session.headers()), ...(init.body ? { 'content-type': 'application/json' } : {}) };
    const response = await request(path, { ...init, headers });
    if (!response.ok) {
      const problem = await problemIn(response);
      if (response.status === 401) session.expired();
      throw problem;
    }
    // The server and the console are built from the same types.
    return (await response.json()) as Result;
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

/** @throws {Problem} if the server can't be reached */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(`/api${path}`, { ...init, cache: 'no-store', redirect: 'error' });
  } catch {
    throw new Problem(NO_CONNECTION, 'The console can’t reach its server.');
  }
}
