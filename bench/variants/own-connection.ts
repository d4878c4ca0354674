import { Connections } from '../../src/storage/fast-reader/connections.ts';
import { endpoint, signedGetItem } from './signed-get-item.ts';

/** The minimal GetItem of `floor.ts`, over the authorizer's own connection. */
const connections = new Connections(endpoint);

export async function handler(event: object): Promise<unknown> {
  const { headers, body } = signedGetItem(event);
  const lines = headers.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
  const answer = await connections.post(lines, body, 1000);
  return JSON.parse(answer.body.toString()) as unknown;
}
