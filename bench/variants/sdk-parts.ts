import { createHash, createHmac } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import { HttpRequest } from '@smithy/core/protocols';
import { keyOf } from './event.ts';

/** Only the SDK's signer and HTTP handler, without a client. */
class Sha256 {
  readonly #hash;
  constructor(secret?: Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: Uint8Array) {
    this.#hash.update(data);
  }
  digest() {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset() {
    throw new Error('not needed');
  }
}

const endpoint = new URL(process.env['AWS_ENDPOINT_URL'] ?? '');
const signer = new SignatureV4({
  credentials: {
    accessKeyId: String(process.env['AWS_ACCESS_KEY_ID']),
    secretAccessKey: String(process.env['AWS_SECRET_ACCESS_KEY']),
  },
  region: String(process.env['AWS_REGION']),
  service: 'dynamodb',
  sha256: Sha256 as never,
});
const http = new NodeHttpHandler({ connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true });

export async function handler(event: object): Promise<unknown> {
  const body = JSON.stringify({
    TableName: process.env['LATCHKEY_TABLE'],
    Key: { prefix: { S: keyOf(event).slice(3, 15) } },
  });
  const request = new HttpRequest({
    method: 'POST',
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    port: Number(endpoint.port),
    path: '/',
    headers: {
      host: endpoint.host,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.GetItem',
    },
    body,
  });
  const { response } = await http.handle(new HttpRequest(await signer.sign(request)));
  return JSON.parse(await text(response.body as Readable));
}
