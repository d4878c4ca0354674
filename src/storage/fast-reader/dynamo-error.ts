import { crc32 } from 'node:zlib';
import type { HttpResponse } from './http-response.ts';

/** An error response of DynamoDB, in the form that the SDK's retry rules read. */
export class DynamoError extends Error {
  declare readonly cause: undefined;
  readonly $metadata: { readonly httpStatusCode: number };
  /** The time of the server in epoch milliseconds, or `NaN` if the response has no date. */
  readonly serverTime: number;

  constructor(name: string, message: string, { status, headers }: Pick<HttpResponse, 'status' | 'headers'>) {
    super(`${name} (HTTP ${String(status)}): ${message}`);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
    this.serverTime = Date.parse(headers.date ?? '');
  }
}

/**
 * Returns the JSON of a successful response.
 *
 * @throws {DynamoError} if the response is an error, damaged, or not JSON
 */
export function parseResponse(response: HttpResponse): Record<string, unknown> {
  const { status, headers, body } = response;
  const checksum = headers['x-amz-crc32'];
  if (checksum !== undefined && Number(checksum) !== crc32(body))
    throw new DynamoError('TransientChecksum', 'the response was damaged in transit', { status: 503, headers });
  const content = parse(body);
  if (status === 200 && content !== undefined) return content;
  // `com.amazonaws.dynamodb.v20120810#ThrottlingException`
  const type = typeof content?.['__type'] === 'string' ? content['__type'] : '';
  const message = content?.['message'] ?? content?.['Message'];
  throw new DynamoError(
    type.slice(type.lastIndexOf('#') + 1) || 'UnexpectedResponse',
    // For a rejected signature, further lines contain the request's headers, including the session token.
    typeof message === 'string' ? firstLine(message) : 'no reason given',
    // A successful response without JSON is a server error.
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
