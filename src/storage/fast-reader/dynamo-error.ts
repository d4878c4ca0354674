import { crc32 } from 'node:zlib';
import type { HttpResponse } from './http-response.ts';

/** DynamoDB answered, but not with what was asked for. In the form that the SDK's retry rules read. */
export class DynamoError extends Error {
  declare readonly cause: undefined;
  readonly $metadata: { readonly httpStatusCode: number };
  /** The server's clock, where it told it. */
  readonly serverTime: number;

  constructor(name: string, message: string, { status, headers }: Pick<HttpResponse, 'status' | 'headers'>) {
    super(`${name} (HTTP ${String(status)}): ${message}`);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
    this.serverTime = Date.parse(headers.date ?? '');
  }
}

/** The JSON of a good answer. */
export function parseResponse(answer: HttpResponse): Record<string, unknown> {
  const { status, headers, body } = answer;
  const checksum = headers['x-amz-crc32'];
  if (checksum !== undefined && Number(checksum) !== crc32(body))
    throw new DynamoError('TransientChecksum', 'the answer was damaged on its way', { status: 503, headers });
  const content = parse(body);
  if (status === 200 && content !== undefined) return content;
  // `com.amazonaws.dynamodb.v20120810#ThrottlingException`
  const type = typeof content?.['__type'] === 'string' ? content['__type'] : '';
  const message = content?.['message'] ?? content?.['Message'];
  throw new DynamoError(
    type.slice(type.lastIndexOf('#') + 1) || 'UnexpectedAnswer',
    // A refused signature is explained with the request's headers, the session token among them, on further lines.
    typeof message === 'string' ? firstLine(message) : 'no reason given',
    // What claims to be good and cannot be read is the server's fault too.
    { status: status === 200 ? 502 : status, headers },
  );
}

function firstLine(text: string): string {
  return text.split('\n', 1).join('');
}

function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    const content: unknown = JSON.parse(body.toString());
    return typeof content === 'object' && content !== null && !Array.isArray(content)
      ? (content as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
