import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { endpoint, signedGetItem } from './signed-get-item.ts';

/**
 * The floor: one hand-signed GetItem over a keep-alive agent, with a cached signing key. It has no retries,
 * timeout, error handling, decision, or log. Code that calls DynamoDB with Node's HTTP client can't do less.
 */
const secure = endpoint.protocol === 'https:';
const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
const send = secure ? httpsRequest : httpRequest;

export function handler(event: object): Promise<unknown> {
  const { headers, body } = signedGetItem(event);
  const options = { host: endpoint.hostname, port: endpoint.port, path: '/', method: 'POST', agent, headers };
  return new Promise((resolve, reject) => {
    const request = send(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve(JSON.parse(text));
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
