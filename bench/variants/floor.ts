import { createHmac, createSecretKey, hash } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { keyOf } from './event.ts';

/**
 * The floor: one hand-signed GetItem over a keep-alive agent, its signing key kept, and nothing else. No retry, no
 * timeout, no errors, no decision, no log. Nothing that asks DynamoDB over HTTP with Node's client does less.
 */
const endpoint = new URL(process.env['AWS_ENDPOINT_URL'] ?? '');
const secure = endpoint.protocol === 'https:';
const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
const send = secure ? httpsRequest : httpRequest;
const accessKeyId = String(process.env['AWS_ACCESS_KEY_ID']);
const region = String(process.env['AWS_REGION']);
const table = String(process.env['LATCHKEY_TABLE']);

const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const signingKey = createSecretKey(
  [today, region, 'dynamodb', 'aws4_request'].reduce(
    hmac,
    Buffer.from(`AWS4${String(process.env['AWS_SECRET_ACCESS_KEY'])}`),
  ),
);
const NAMES = 'content-type;host;x-amz-date;x-amz-target';

export function handler(event: object): Promise<unknown> {
  const body = `{"TableName":"${table}","Key":{"prefix":{"S":"${keyOf(event).slice(3, 15)}"}}}`;
  const time = new Date().toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
  const scope = `${today}/${region}/dynamodb/aws4_request`;
  const canonical = `POST\n/\n\ncontent-type:application/x-amz-json-1.0\nhost:${endpoint.host}\nx-amz-date:${time}\nx-amz-target:DynamoDB_20120810.GetItem\n\n${NAMES}\n${hash('sha256', body)}`;
  const signature = createHmac('sha256', signingKey)
    .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`)
    .digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${NAMES}, Signature=${signature}`;
  const headers = [
    ...['host', endpoint.host, 'content-type', 'application/x-amz-json-1.0', 'x-amz-date', time],
    ...['x-amz-target', 'DynamoDB_20120810.GetItem', 'authorization', authorization],
    ...['content-length', String(Buffer.byteLength(body))],
  ];
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
