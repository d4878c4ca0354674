import { createHmac, createSecretKey, hash } from 'node:crypto';
import { keyOf } from './event.ts';

export const endpoint = new URL(process.env['AWS_ENDPOINT_URL'] ?? '');
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

/** A GetItem for the key of a request, signed by hand with a cached signing key. */
export function signedGetItem(event: object): { headers: string[]; body: string } {
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
  return { headers, body };
}
