import { createHmac, hash } from 'node:crypto';
import type { EpochMs } from '../../core/keys/record.ts';
import type { Endpoint } from './endpoint.ts';

/** AWS credentials. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The header lines of a request, each with its line end. */
export type HeaderLines = string;

/**
 * Returns the headers of a signed request.
 *
 * @throws {TypeError} if the credentials have characters that headers can't have
 */
export type Sign = (target: string, body: string, credentials: Credentials, now: EpochMs) => HeaderLines;

/** Signs one request: the parts of a signature that stay the same within a second are prepared. */
type SignRequest = (target: string, body: string) => HeaderLines;

const CONTENT_TYPE = 'application/x-amz-json-1.0';

/**
 * Returns a function that signs requests by Signature Version 4. It supports one shape of request: a POST of JSON, without a
 * query, with fixed headers. `@smithy/signature-v4` signs any request, and takes a third of a decision's time. A test compares
 * the two (docs/performance.md).
 *
 * What depends only on the second and the credentials is computed once for both.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signerFor(endpoint: Endpoint): Sign {
  let prepared: { second: number; credentials: Credentials; sign: SignRequest } | undefined;
  const hmacs = signingHmacs(endpoint.region);
  return (target, body, credentials, now) => {
    const second = Math.floor(now / 1000);
    if (prepared?.second !== second || !areEqual(prepared.credentials, credentials))
      prepared = { second, credentials, sign: prepare(endpoint, credentials, new Date(second * 1000), hmacs) };
    return prepared.sign(target, body);
  };
}

function areEqual(one: Credentials, other: Credentials): boolean {
  return (
    one.secretAccessKey === other.secretAccessKey &&
    one.accessKeyId === other.accessKeyId &&
    one.sessionToken === other.sessionToken
  );
}

function prepare(
  { url, region }: Endpoint,
  { accessKeyId, secretAccessKey, sessionToken = '' }: Credentials,
  now: Date,
  hmacs: SigningHmacs,
): SignRequest {
  rejectInvalid('x-amz-security-token', sessionToken);
  rejectInvalid('authorization', accessKeyId);
  // Except for S3, the path is encoded once more for the signature.
  const path = encodeURIComponent(url.pathname)
    .replaceAll('%2F', '/')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const time = now.toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/dynamodb/aws4_request`;
  const [tokenLine, tokenName, tokenHeader] = sessionToken
    ? [`x-amz-security-token:${sessionToken}\n`, 'x-amz-security-token;', `x-amz-security-token: ${sessionToken}\r\n`]
    : ['', '', ''];
  const names = `content-type;host;x-amz-date;${tokenName}x-amz-target`;
  const beforeTarget = `POST\n${path}\n\ncontent-type:${CONTENT_TYPE}\nhost:${url.host}\nx-amz-date:${time}\n${tokenLine}x-amz-target:`;
  const afterTarget = `\n\n${names}\n`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n`;
  const headers =
    `host: ${url.host}\r\ncontent-type: ${CONTENT_TYPE}\r\nx-amz-date: ${time}\r\n${tokenHeader}` +
    `authorization: AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=`;
  const hmac = hmacs(secretAccessKey, day);

  return (target, body) => {
    const signature = hmac(toSign + hash('sha256', beforeTarget + target + afterTarget + hash('sha256', body)));
    return `${headers}${signature}\r\nx-amz-target: ${target}\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n`;
  };
}

/** A line break would start another header. The value is not in the message, because it may be a session token. */
function rejectInvalid(header: string, value: string): void {
  if (/[^\t\x20-\x7e]/.test(value)) throw new TypeError(`the header ${header} has characters that a header can't have`);
}

type Hmac = (text: string) => string;

/** Returns the HMAC with the signing key of a secret and a day. */
type SigningHmacs = (secretAccessKey: string, day: string) => Hmac;

/** A signing key is valid for a day, and kept until the day or the secret changes. */
function signingHmacs(region: string): SigningHmacs {
  let kept: { secretAccessKey: string; day: string; hmac: Hmac } | undefined;
  return (secretAccessKey, day) => {
    if (kept?.day !== day || kept.secretAccessKey !== secretAccessKey) {
      const derive = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
      const key = [day, region, 'dynamodb', 'aws4_request'].reduce(derive, Buffer.from(`AWS4${secretAccessKey}`));
      kept = { secretAccessKey, day, hmac: hmacSha256(key) };
    }
    return kept.hmac;
  };
}

/** The block size of SHA-256, in bytes. */
const BLOCK_BYTES = 64;

/**
 * Returns HMAC-SHA-256 with a key of at most a block, in hexadecimal. It consists of two one-shot hashes (RFC 2104), which
 * take less time than the object that `createHmac` makes for each text.
 */
function hmacSha256(key: Buffer): Hmac {
  const padded = (pad: number) => Buffer.alloc(BLOCK_BYTES, pad).map((byte, index) => byte ^ (key[index] ?? 0));
  const inner = padded(0x36);
  const outer = padded(0x5c);
  return (text) => {
    const digest = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer');
    return hash('sha256', Buffer.concat([outer, digest]));
  };
}
