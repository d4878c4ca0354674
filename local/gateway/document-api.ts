import { readFile } from 'node:fs/promises';
import { SetupError } from '../setup-error.ts';
import { json, type GatewayResponse, type RequestHandler } from './http.ts';

const BUILT = new URL('../../dist/openapi.json', import.meta.url);

/**
 * Serves the admin API's OpenAPI document at `GET /openapi.json`, to every origin, with the URL of this server. Passes other
 * requests to `next`.
 *
 * @param url the URL of the admin API
 * @throws {SetupError} if the document has not been built
 */
export async function documentApi(url: string, next: RequestHandler): Promise<RequestHandler> {
  const text = await readFile(BUILT, 'utf8').catch(() => {
    throw new SetupError('dist/openapi.json is missing. Run "npm run build" first.');
  });
  const document = JSON.parse(text) as object;
  const served = json(200, { ...document, servers: [{ url, description: 'The local server.' }] });
  const response: GatewayResponse = { ...served, headers: [...served.headers, ['Access-Control-Allow-Origin', '*']] };
  return (request) =>
    request.method === 'GET' && request.path === '/openapi.json' ? Promise.resolve(response) : next(request);
}
