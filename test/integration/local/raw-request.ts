import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

/** Sends a path exactly as it is. `fetch` would resolve dot segments and encode characters. */
export async function rawRequest(url: string, path: string, options: RawRequest = {}) {
  const { hostname, port } = new URL(url);
  const { method = 'GET', headers = {}, body = '' } = options;
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    request({ hostname, port, path, method, headers, agent: false }, (response) => {
      text(response).then((answer) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer });
      }, reject);
    })
      .on('error', reject)
      .end(body);
  });
}
