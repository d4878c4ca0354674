import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleFetcher } from 'aws-jwt-verify/https';
import { SimpleJwksCache, SimplePenaltyBox } from 'aws-jwt-verify/jwk';
import { selfSigned } from '../../self-signed.ts';

/** A local token issuer with real keys and signatures, which publishes its keys over TLS. */
export interface Issuer {
  readonly url: string;
  readonly ca: string;
  /** How often its keys were fetched. */
  fetched(): number;
  /** The published keys. */
  jwks(): { keys: object[] };
  token(claims?: object, header?: object, key?: KeyObject): string;
  /** Replaces the signing key. Only the new key is published. */
  rotate(): void;
  /** Sets the behavior of later responses. */
  behave(as: 'well' | 'broken' | 'garbage' | 'silent'): void;
  /** @param pauseSeconds how long the verifier waits before it fetches keys again after a token with an unknown key ID */
  verifier(pauseSeconds?: number): { verify(token: string): Promise<object> };
  stop(): void;
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startIssuer(): Promise<Issuer> {
  const { key, cert: ca, remove } = selfSigned();
  await remove();

  const newPair = () => ({ kid: randomUUID(), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) });
  let pair = newPair();
  let fetched = 0;
  let behaviour: Parameters<Issuer['behave']>[0] = 'well';
  const jwks = () => ({
    keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: pair.kid, alg: 'RS256', use: 'sig' }],
  });
  const server = createServer({ key, cert: ca }, (_request, response) => {
    fetched++;
    if (behaviour === 'silent') return;
    if (behaviour === 'broken') return void response.writeHead(503).end();
    if (behaviour === 'garbage') return void response.end('{"keys": "none"}');
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

  return {
    url,
    ca,
    fetched: () => fetched,
    jwks,
    token(claims = {}, header = {}, key = pair.privateKey) {
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: url, aud: 'app', sub: 'user-1', iat: now, exp: now + 300, ...claims };
      const signed = `${base64url({ alg: 'RS256', typ: 'JWT', kid: pair.kid, ...header })}.${base64url(payload)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
    },
    rotate: () => {
      pair = newPair();
    },
    behave: (as) => {
      behaviour = as;
    },
    // Without a pause, because most tests would have to wait for its end.
    verifier: (pauseSeconds = 0) => {
      const fetcher = new SimpleFetcher({ defaultRequestOptions: { ca, responseTimeout: 1000 } });
      const penaltyBox = new SimplePenaltyBox({ waitSeconds: pauseSeconds });
      const jwksCache = new SimpleJwksCache({ fetcher, penaltyBox });
      return JwtVerifier.create({ issuer: url, audience: 'app', jwksUri: `${url}/keys` }, { jwksCache });
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
