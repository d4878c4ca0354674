import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { expectDocumented } from '../../../support/openapi/documented.ts';
import { rawRequest } from '../raw-request.ts';

export interface SigningOptions {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly region?: string;
  readonly service?: string;
  readonly date?: Date;
  /** Whether the hash of the body is signed as a header too. */
  readonly applyChecksum?: boolean;
}

/** The headers of a signed request. */
export async function sign(url: string, method: string, path: string, body = '', options: SigningOptions = {}) {
  const { accessKeyId = 'local', secretAccessKey = 'local', region = 'us-east-1', service = 'execute-api' } = options;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service,
    sha256: Sha256,
    applyChecksum: options.applyChecksum ?? true,
  });
  const { pathname, searchParams, hostname, host } = new URL(path, url);
  const { headers } = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { host, 'content-type': 'application/json' },
      body,
    },
    { signingDate: options.date ?? new Date() },
  );
  return headers;
}

/** Sends a signed request, and expects the OpenAPI document to describe the answer. */
export async function signedRequest(
  url: string,
  method: string,
  path: string,
  input?: object,
  options?: SigningOptions,
) {
  const body = input === undefined ? '' : JSON.stringify(input);
  const headers = await sign(url, method, path, body, options);
  const { status, body: answer } = await rawRequest(url, path, { method, headers, body });
  const output = JSON.parse(answer) as Record<string, unknown>;
  expectDocumented({ method, path, input, status, body: output });
  return { status, body: output };
}
