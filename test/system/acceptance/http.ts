import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, Provider } from '@smithy/types';

/** An API's stage. */
export interface Endpoint {
  /** Without a slash at the end. */
  readonly url: string;
  /** The `Host` header, if it differs from the host of the URL: an emulator serves all APIs at one address. */
  readonly host?: string | undefined;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The JSON body, or `undefined` if the body isn't JSON. */
  readonly body: unknown;
}

export interface Signer {
  /** @default 'execute-api' */
  readonly service?: string;
  readonly region: string;
  readonly credentials: AwsCredentialIdentity | Provider<AwsCredentialIdentity>;
}

/** Sends one request without redirects, retries, or path normalization. */
export async function send(endpoint: Endpoint, { method, path, headers = {}, body }: Request): Promise<Reply> {
  const { hostname, port, protocol, pathname, host } = new URL(endpoint.url);
  const sent = { ...headers, host: endpoint.host ?? host };
  return new Promise((resolve, reject) => {
    const request = (protocol === 'https:' ? overHttps : overHttp)(
      { hostname, port, method, path: stagePath(pathname) + path, headers: sent },
      (response) => {
        void buffer(response).then((bytes) => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed(bytes.toString()) });
        }, reject);
      },
    );
    request.on('error', reject).end(body);
  });
}

/** Sends one request signed for IAM. */
export async function sendSigned(endpoint: Endpoint, request: Request, signer: Signer): Promise<Reply> {
  const { pathname, host, protocol } = new URL(endpoint.url);
  const { service = 'execute-api', region, credentials } = signer;
  const signature = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const [path = '', query] = request.path.split('?');
  const { headers } = await signature.sign({
    method: request.method,
    protocol,
    hostname: host,
    path: stagePath(pathname) + path,
    query: Object.fromEntries(new URLSearchParams(query)),
    headers: { ...request.headers, host: endpoint.host ?? host },
    body: request.body,
  });
  return send(endpoint, { ...request, headers });
}

function stagePath(pathname: string): string {
  return pathname.replace(/\/$/, '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
