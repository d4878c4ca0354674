import { Pool } from 'undici';
import { endpoint, signedGetItem } from './signed-get-item.ts';

/** The minimal GetItem of `floor.ts`, over undici at its lowest level. */
const pool = new Pool(endpoint.origin);

export function handler(event: object): Promise<unknown> {
  const { headers, body } = signedGetItem(event);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    pool.dispatch(
      { path: '/', method: 'POST', headers, body },
      {
        onRequestStart: () => undefined,
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd: () => {
          resolve(JSON.parse(Buffer.concat(chunks).toString()));
        },
        onResponseError: (_controller, error) => {
          reject(error);
        },
      },
    );
  });
}
